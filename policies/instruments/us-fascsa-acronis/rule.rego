# METADATA
# title: Acronis in the intelligence community
# description: >-
#   Denies on what the intelligence community owns. On other national security systems,
#   which may hold sensitive compartmented information, and with a contractor that has
#   the clause in a contract and works for either, a person decides.
# related_resources:
#   - https://www.jdsupra.com/legalnews/dni-issues-first-ever-fasca-order-8915688/
#   - https://www.morganlewis.com/pubs/2025/10/fasc-issues-first-fascsa-exclusion-order-implications-for-federal-contractors-and-icts-supply-chains
# custom: {instrument: us-fascsa-acronis}
package restrictions.us_fascsa_acronis

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-fascsa-acronis"

_government := verdict.all([instrument.bound(_id), host.owned_by({"government"})])

_contractor := verdict.all([
	instrument.bound(_id),
	host.owned_by({"contractor"}),
	host.under_clause({"FAR 52.204-30", "FAR 52.240-91"}),
	host.in_sector({"intelligence", "national-security-system"}),
	_performing,
])

_performing := verdict.yes if {
	host.used_for({"contract-deliverables", "contract-required", "contract-performance", "government-delivery"}).is == "yes"
} else := verdict.no if {
	host.used_for({"non-contract", "private-use"}).is == "yes"
} else := verdict.unknown("host.purposes")

_intelligence := host.in_sector({"intelligence"})

# Told to be no system of the intelligence community: where that is not told, the
# question is asked once.
_compartmented := verdict.all([
	_government,
	verdict.of(_intelligence.is == "no"),
	host.in_sector({"national-security-system"}),
])

_answers contains instrument.answer_by(_id, {"exclusion"}, verdict.all([_government, _intelligence]))

_answers contains instrument.answer_by(_id, {"compartmented"}, _compartmented)

_answers contains instrument.answer_by(_id, {"contractors"}, _contractor)

_reach := named.reach_of_vendors({"acronis"})

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, _reach)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, _reach)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _reach)
}
