# METADATA
# title: Kaspersky anti-virus software in the Dutch national government
# description: >-
#   Denies installing and buying anti-virus software; what is there already is a
#   question for a person, since no end date was found. Other products are not
#   covered. Vital sectors are only advised.
# related_resources:
#   - https://www.telecompaper.com/news/dutch-govt-bans-use-of-kaspersky-lab-products--1244314
#   - https://www.bleepingcomputer.com/news/government/dutch-government-to-phase-out-use-of-kaspersky-antivirus/
# custom: {instrument: nl-2018-05-14}
package restrictions.nl_2018_05_14

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "nl-2018-05-14"

_national := verdict.all([
	instrument.bound(_id),
	host.owned_by({"government"}),
	host.in_sector({"central-government"}),
])

_answer := instrument.answer(_id, _national)

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach_antivirus)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach_antivirus)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach_antivirus)

warn contains finding.explained(i, answer, "vital sectors are advised to phase the software out, and not obliged") if {
	host.said_to_work_in({"critical-infrastructure"}).is == "yes"
	answer := instrument.answer(_id, verdict.all([instrument.bound(_id), host.owned_by({"contractor", "business"})]))
	some i in kaspersky.reach_antivirus.plain
}
