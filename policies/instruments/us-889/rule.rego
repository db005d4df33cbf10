# METADATA
# title: Software for cameras of Hikvision and Dahua
# description: >-
#   Warns agencies from part A and contractors from part B of the section: such
#   software is evidence of covered equipment, and itself not covered. Nothing is denied.
# related_resources:
#   - https://ndia.org/policy/issues/cyber/section-889
#   - https://www.jacksonkelly.com/government-contracts-blog/section-889-of-the-national-defense-authorization-act/print
# custom: {instrument: us-889}
package restrictions.us_889

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-889"

_clients := named.reach_of_vendors({"hikvision", "dahua"})

_answers contains instrument.answer_by(
	_id,
	{"part-a"},
	verdict.all([instrument.bound(_id), host.owned_by({"government"})]),
)

_answers contains instrument.answer_by(
	_id,
	{"part-b"},
	verdict.all([instrument.bound(_id), host.owned_by({"contractor"})]),
)

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _clients)
}
