# METADATA
# title: Software of makers under Ukrainian sanctions
# description: >-
#   Denies state bodies the software of Kaspersky and Dr.Web as long as that is
#   verified to have been barred, and asks a person after that. For everybody else,
#   and for the other companies, the company is sanctioned and not its software:
#   dealings with it are a question for a person, and having it raises nothing.
# related_resources:
#   - https://www.rbc.ru/rbcfreenews/56053a309a7947f910f8e15d
#   - https://www.lexology.com/library/detail.aspx?g=5651eefb-d0a7-4721-8fce-5bdcfac933d6
# custom: {instrument: ua-sanctions}
package restrictions.ua_sanctions

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "ua-sanctions"

_state_body := host.owned_by({"government"})

_bound := instrument.bound(_id)

_barred := [kaspersky.reach, named.reach_of_vendors({"drweb"})]

# Kaspersky and Dr.Web: state bodies may not have them, and others not deal with them.
_asked contains {"answer": answer, "reach": reach} if {
	answer := instrument.answer_by(
		_id,
		{"state-bodies", "state-bodies-stock", "state-bodies-listed-again"},
		verdict.all([_bound, _state_body]),
	)
	some reach in _barred
}

_asked contains {"answer": answer, "reach": reach} if {
	answer := instrument.answer_by(_id, {"dealings", "blocking"}, verdict.all([_bound, verdict.negate(_state_body)]))
	some reach in _barred
}

# The other companies, for everybody.
_asked contains {"answer": answer, "reach": reach} if {
	answer := instrument.answer_by(_id, {"dealings", "blocking"}, _bound)
	reach := named.reach_of_vendors({"firm-1c", "mail-ru", "odnoklassniki", "vk", "yandex"})
}

_asked contains {"answer": answer, "reach": reach} if {
	answer := instrument.answer_by(_id, {"dealings-2021"}, _bound)
	reach := named.reach_of_vendors({"abbyy"})
}

deny contains entry if {
	some asked in _asked
	some entry in ban.denied(asked.answer, asked.reach)
}

review contains entry if {
	some asked in _asked
	some entry in ban.reviewed(asked.answer, asked.reach)
}

warn contains entry if {
	some asked in _asked
	some entry in ban.warned(asked.answer, asked.reach)
}
