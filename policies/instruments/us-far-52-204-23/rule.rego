# METADATA
# title: Kaspersky under a federal contract
# description: >-
#   Denies Kaspersky articles, components included, where deliverables of the
#   contract are developed and in what is handed over to the Government. What has no
#   role in a contract is not concerned. Where the clauses or the purposes are not
#   told, or the purpose is another one under the contract, a person decides.
# related_resources:
#   - https://regulations.justia.com/regulations/fedreg/2018/06/15/2018-12847.html
#   - https://regulations.justia.com/regulations/fedreg/2019/09/10/2019-19360.html
# custom: {instrument: us-far-52-204-23}
package restrictions.us_far_52_204_23

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "us-far-52-204-23"

_clauses := {"FAR 52.204-23", "FAR 52.240-91"}

_bound := verdict.all([instrument.bound(_id), _under_clause, _concerned])

# A contractor in the United States that states no clause is asked for it; other owners,
# and contractors elsewhere, are bound by what they state alone.
_under_clause := verdict.all([host.owned_by({"contractor"}), host.within({"US"}), clause]) if {
	clause := host.under_clause(_clauses)
	clause.is == "unknown"
} else := host.under_clause(_clauses)

# Whether the host serves what the clause keeps free of the article.
_concerned := verdict.yes if {
	host.used_for(_protected).is == "yes"
} else := verdict.no if {
	host.used_for({"non-contract", "private-use"}).is == "yes"
	host.used_for(_under_contract).is == "no"
} else := verdict.unknown("host.purposes")

_protected := {"government-delivery"} if input.action == "distribute"

else := {"contract-deliverables"}

_under_contract := {"contract-deliverables", "contract-required", "contract-performance", "government-delivery"}

_answer := instrument.answer(_id, _bound)

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach_in_part)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach_in_part)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach_in_part)
