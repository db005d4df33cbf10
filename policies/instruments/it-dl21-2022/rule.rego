# METADATA
# title: Kaspersky in Italian public administrations
# description: >-
#   Denies buying and installing anew; what is there already is a question for a
#   person, since the duty to move away has no date.
# related_resources:
#   - https://www.redhotcyber.com/post/circolare-21-acn-diversificare-italia/
#   - https://www.forzearmate.eu/2022/04/26/governo-sicurezza-pubbliche-amministrazioni-diversificazione-di-prodotti-e-servizi-tecnologici-di-sicurezza-informatica/
# custom: {instrument: it-dl21-2022}
package restrictions.it_dl21_2022

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "it-dl21-2022"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"public-administration", "central-government", "local-government"})])

_answer := instrument.answer(_id, _bound)

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)
