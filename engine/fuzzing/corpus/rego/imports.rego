# METADATA
# title: Listed products in the state government of New Jersey
# description: >-
#   Denies installing and buying; what is there already is a question for a person,
#   since no deadline was found.
# related_resources:
#   - https://www.newsbreak.com/news/2885321339960/
# custom: {instrument: us-nj-directive-2023-01}
package restrictions.r

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "us-nj-directive-2023-01"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

_reaches := [
	kaspersky.reach,
	named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"}),
	named.reach_of_vendors({"hikvision", "huawei", "tencent", "zte"}),
]

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
