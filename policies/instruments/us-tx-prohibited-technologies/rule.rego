# METADATA
# title: Prohibited technologies on public devices in Texas
# description: >-
#   Warns until policies were due and denies from that day on, and denies what was added
#   in January 2025 and January 2026 from the day on which it was added, for state
#   agencies and local governments.
# related_resources:
#   - https://dir.texas.gov/information-security/covered-applications-and-prohibited-technologies
#   - https://natlawreview.com/article/three-states-ban-deepseek-use-state-devices-and-networks
#   - https://www.einpresswire.com/article/886689832/governor-abbott-updates-texas-prohibited-technologies-list
# custom: {instrument: us-tx-prohibited-technologies}
package restrictions.us_tx_prohibited_technologies

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "us-tx-prohibited-technologies"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency", "local-government"})])

# What the list has named since before policies were due.
_listed := instrument.answer_by(_id, {"list", "policies", "procurement"}, _bound)

_added_2025 := instrument.answer_by(_id, {"additions-2025", "procurement-2025"}, _bound)

_added_2026 := instrument.answer_by(_id, {"additions-2026", "procurement-2026"}, _bound)

_products := {"alibaba.alipay", "bytedance.tiktok", "bytedance.tiktok-live-studio", "tencent.wechat"}

_firms := {
	"alibaba",
	"baidu",
	"hisense",
	"iflytek",
	"minimax",
	"moonshot-ai",
	"pdd",
	"shein",
	"tcl",
	"tp-link",
	"xiaomi",
	"zhipu",
}

# Products of the firms that the list did not name before.
_of_firms := {found.product |
	some found in input.identified
	found.vendor in _firms
	not found.product in _products
}

# What is asked, and of what.
_asked contains {"answer": _listed, "reach": kaspersky.reach}

_asked contains {"answer": _listed, "reach": named.reach(_products)}

_asked contains {"answer": _added_2025, "reach": named.reach({"bytedance.lemon8"})}

_asked contains {
	"answer": _added_2025,
	"reach": named.reach_of_vendors({"deepseek", "moomoo", "tiger-brokers", "webull", "xiaohongshu"}),
}

_asked contains {"answer": _added_2026, "reach": named.reach(_of_firms)}

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
