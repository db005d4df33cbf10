# METADATA
# title: Security technology that Italian public administrations give up
# description: >-
#   Denies buying and installing anew; what is there already is a question for a
#   person, since the duty to move away has no date. Security Gen is concerned since
#   the circular of 2025.
# related_resources:
#   - https://www.redhotcyber.com/post/circolare-21-acn-diversificare-italia/
#   - https://www.forzearmate.eu/2022/04/26/governo-sicurezza-pubbliche-amministrazioni-diversificazione-di-prodotti-e-servizi-tecnologici-di-sicurezza-informatica/
# custom: {instrument: it-dl21-2022}
package restrictions.it_dl21_2022

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "it-dl21-2022"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"public-administration", "central-government", "local-government"})])

_answer := instrument.answer(_id, _bound)

_reaches contains kaspersky.reach

_reaches contains named.reach_of_vendors({"group-ib", "positive-technologies"})

# The circular of 2025 adds Security Gen.
_reaches contains named.reach_of_vendors({"security-gen"}) if {
	instrument.answer_by(_id, {"procurement-2025", "migration-2025"}, _bound)
}

deny contains entry if {
	some reach in _reaches
	some entry in ban.denied(_answer, reach)
}

review contains entry if {
	some reach in _reaches
	some entry in ban.reviewed(_answer, reach)
}

warn contains entry if {
	some reach in _reaches
	some entry in ban.warned(_answer, reach)
}
