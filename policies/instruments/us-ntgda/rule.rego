# METADATA
# title: TikTok in executive agencies
# description: >-
#   Warns from OMB M-23-13 on and denies TikTok when its 30 days are over. Other
#   applications of ByteDance are outside the words of the Act and raise a warning.
#   The legislature is not bound. On what a contract requires of a contractor a
#   person decides, beside the clause in the contract.
# related_resources:
#   - https://scribd.com/document/628516042/No-TikTok-on-Government-Devices-Implementation-Guidance
#   - https://executivegov.com/2023/02/omb-memo-requires-agencies-to-remove-tiktok-from-federal-devices/
# custom: {instrument: us-ntgda}
package restrictions.us_ntgda

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-ntgda"

_agency := verdict.all([instrument.bound(_id), host.owned_by({"government"}), _executive])

_executive := verdict.no if {
	host.in_sector({"us-house", "parliament"}).is == "yes"
} else := verdict.yes if {
	host.in_sector({"federal-civilian", "defense", "intelligence", "national-security-system"}).is == "yes"
} else := verdict.unknown("host.owner.sectors")

_contractor := verdict.all([
	instrument.bound(_id),
	host.owned_by({"contractor"}),
	host.used_for({"contract-required"}),
])

_tiktok := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

_other := named.reach({found.product |
	some found in input.identified
	found.vendor == "bytedance"
	not found.product in {"bytedance.tiktok", "bytedance.tiktok-live-studio"}
})

# What is asked, and of what.
_asked contains {"reach": _tiktok, "answer": answer} if {
	answer := instrument.answer_by(_id, {"remediation", "removal", "procurement"}, _agency)
}

_asked contains {"reach": _tiktok, "answer": answer} if {
	answer := instrument.answer_by(_id, {"contracts"}, _contractor)
}

_asked contains {"reach": _other, "answer": answer} if {
	answer := instrument.answer_by(_id, {"other-applications"}, _agency)
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
