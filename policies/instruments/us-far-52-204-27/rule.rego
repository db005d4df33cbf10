# METADATA
# title: TikTok under a federal contract
# description: >-
#   Denies TikTok on what the contract requires or what is handed over to the
#   Government, the equipment of employees included. Where a device is used for the
#   contract and not required by it, law firms disagree and a person decides. What has
#   no role in a contract is not concerned.
# related_resources:
#   - https://regulations.justia.com/regulations/fedreg/2023/06/02/2023-11756.html
#   - https://www.mondaq.com/unitedstates/government-contracts-procurement--ppp/1365154/new-tiktok-ban-doesnt-reach-all-contractor-it-or-employees-personal-devices
# custom: {instrument: us-far-52-204-27}
package restrictions.us_far_52_204_27

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-far-52-204-27"

_clauses := {"FAR 52.204-27", "FAR 52.240-91"}

# A contractor in the United States that states no clause is asked for it; other owners,
# and contractors elsewhere, are bound by what they state alone.
_under_clause := verdict.all([host.owned_by({"contractor"}), host.within({"US"}), clause]) if {
	clause := host.under_clause(_clauses)
	clause.is == "unknown"
} else := host.under_clause(_clauses)

_protected := {"contract-required", "government-delivery"}

_elective := {"contract-deliverables", "contract-performance"}

# Whether the host is plainly among what the clause speaks of.
_required := verdict.yes if {
	host.used_for(_protected).is == "yes"
} else := verdict.no if {
	host.used_for(_elective | {"non-contract", "private-use"}).is == "yes"
} else := verdict.unknown("host.purposes")

# Whether it is used for the contract and not required by it.
_used := verdict.of(true) if {
	_required.is == "no"
	host.used_for(_elective).is == "yes"
} else := verdict.of(false)

_tiktok := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

# What may be handed over to the Government is what the contractor provides.
_phases := {"required", "procurement", "provision"} if {
	host.used_for({"government-delivery"}).is != "no"
} else := {"required", "procurement"}

_answers contains instrument.answer_by(
	_id,
	_phases,
	verdict.all([instrument.bound(_id), _under_clause, _required]),
)

_answers contains instrument.answer_by(
	_id,
	{"elective", "procurement"},
	verdict.all([instrument.bound(_id), _under_clause, _used]),
)

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, _tiktok)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, _tiktok)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _tiktok)
}
