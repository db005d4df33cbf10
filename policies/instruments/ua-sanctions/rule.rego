# METADATA
# title: Kaspersky under Ukrainian sanctions
# description: >-
#   Denies state bodies the software as long as the sanctions are verified to have
#   run, and asks a person after that. For everybody else the company is sanctioned
#   and not its software: dealings with it are a question for a person, and having
#   it raises nothing.
# related_resources:
#   - https://www.rbc.ru/rbcfreenews/56053a309a7947f910f8e15d
#   - https://www.lexology.com/library/detail.aspx?g=5651eefb-d0a7-4721-8fce-5bdcfac933d6
# custom: {instrument: ua-sanctions}
package restrictions.ua_sanctions

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "ua-sanctions"

_state_body := host.owned_by({"government"})

_answers contains instrument.answer_by(
	_id,
	{"state-bodies", "state-bodies-stock", "state-bodies-listed-again"},
	verdict.all([instrument.bound(_id), _state_body]),
)

_answers contains instrument.answer_by(
	_id,
	{"dealings", "blocking"},
	verdict.all([instrument.bound(_id), verdict.negate(_state_body)]),
)

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, kaspersky.reach)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, kaspersky.reach)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, kaspersky.reach)
}
