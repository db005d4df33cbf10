# METADATA
# title: DeepSeek in the Department of Defense and with its contractors
# description: >-
#   Asks a person about AI of DeepSeek, local weights included, from the enactment on:
#   dates of implementation are not verified. A contractor is concerned in the
#   performance of a contract alone.
# related_resources:
#   - https://agora.eto.tech/instrument/2699
#   - https://www.crowell.com/en/insights/client-alerts/the-fy-2026-national-defense-authorization-act
# custom: {instrument: us-ndaa26-1532}
package restrictions.us_ndaa26_1532

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-ndaa26-1532"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"defense"}), _concerned])

# The Department with all that it owns, a contractor in performing a contract.
_concerned := verdict.any([
	host.owned_by({"government"}),
	verdict.all([host.owned_by({"contractor"}), _under_contract]),
])

_performing := {"contract-deliverables", "contract-required", "contract-performance", "government-delivery"}

_under_contract := verdict.yes if {
	host.used_for(_performing).is == "yes"
} else := verdict.no if {
	host.used_for({"non-contract", "private-use"}).is == "yes"
} else := verdict.unknown("host.purposes")

_answer := instrument.answer(_id, _bound)

_reach := named.reach_of_vendors({"deepseek"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
