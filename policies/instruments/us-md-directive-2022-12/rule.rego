# METADATA
# title: Listed products in the executive branch of Maryland
# description: >-
#   Warns from the directive of 6 December 2022 and denies when its 14 days are
#   over. Products of Tencent and Alibaba that it does not name are a question for a
#   person. Local governments are not bound.
# related_resources:
#   - https://www.cbsnews.com/baltimore/news/gov-hogan-directs-tiktok-ban-for-maryland-state-employees-because-of-cybersecurity-risk/
#   - https://www.wmar2news.com/news/local-news/hogan-bans-tiktok-other-foreign-platforms-from-being-used-on-state-owned-systems
# custom: {instrument: us-md-directive-2022-12}
package restrictions.us_md_directive_2022_12

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "us-md-directive-2022-12"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

# What the directive names as products.
_products := {
	"alibaba.alipay",
	"bytedance.tiktok",
	"bytedance.tiktok-live-studio",
	"tencent.qq",
	"tencent.qq-wallet",
	"tencent.wechat",
}

# What else comes from vendors of whom it names products.
_beside := {
	"plain": set(),
	"doubtful": {i: _not_named |
		some i, found in input.identified
		found.vendor in {"alibaba", "tencent"}
		not found.product in _products
	},
	"tolerated": set(),
}

_reaches := [
	kaspersky.reach,
	named.reach(_products),
	named.reach_of_vendors({"huawei", "zte"}),
	_beside,
]

_not_named := "the directive names the vendor and some of its products, and whether it means this one is a matter of interpretation"

deny contains entry if {
	some reach in _reaches
	some entry in ban.denied(_answer, reach)
}

review contains entry if {
	some reach in _reaches
	some entry in ban.reviewed(_answer, reach)
}

warn contains entry if {
	some reach in _reaches
	some entry in ban.warned(_answer, reach)
}
