# METADATA
# title: Applications on House-managed devices
# description: >-
#   Denies TikTok when December 2022 is over, CapCut, Hypic, Lark and Lemon8 on mobile
#   devices from 15 August 2024, and WhatsApp from 23 June 2025. Other devices than
#   mobile ones, and DeepSeek, are questions for a person. Only the House is bound.
# related_resources:
#   - https://ustower.net/?p=30296
#   - https://particle.news/story/house-bans-whatsapp-from-congressional-devices-over-security-risks
# custom: {instrument: us-house-cao}
package restrictions.us_house_cao

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-house-cao"

_house := verdict.all([instrument.bound(_id), host.in_sector({"us-house"})])

_mobile := verdict.all([_house, host.mobile])

# Told not to be mobile: where that is not told, the question is asked once.
_stationary := verdict.all([_house, verdict.of(host.mobile.is == "no")])

_tiktok := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

_bytedance := named.reach({"bytedance.capcut", "bytedance.hypic", "bytedance.lark", "bytedance.lemon8"})

# What is asked, and of what.
_asked contains {"reach": _tiktok, "answer": answer} if {
	answer := instrument.answer_by(_id, {"tiktok-month", "tiktok", "procurement-tiktok"}, _house)
}

_asked contains {"reach": _bytedance, "answer": answer} if {
	answer := instrument.answer_by(_id, {"bytedance"}, _mobile)
}

_asked contains {"reach": _bytedance, "answer": answer} if {
	answer := instrument.answer_by(_id, {"bytedance-desktops"}, _stationary)
}

_asked contains {"reach": _bytedance, "answer": answer} if {
	answer := instrument.answer_by(_id, {"procurement-bytedance"}, _house)
}

_asked contains {"reach": named.reach({"meta.whatsapp", "meta.whatsapp-business"}), "answer": answer} if {
	answer := instrument.answer_by(_id, {"whatsapp", "procurement-whatsapp"}, _house)
}

_asked contains {"reach": named.reach({"deepseek.app", "deepseek.harness", "deepseek.other"}), "answer": answer} if {
	answer := instrument.answer_by(_id, {"deepseek"}, _house)
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
