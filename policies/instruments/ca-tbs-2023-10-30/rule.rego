# METADATA
# title: WeChat and Kaspersky on mobile devices of the Government of Canada
# description: >-
#   Denies WeChat and Kaspersky applications on government-issued mobile devices.
#   Desktops, laptops and servers are not concerned; a device whose kind is not told
#   is a question for a person.
# related_resources:
#   - https://www.newswire.ca/news-releases/minister-anand-announces-a-ban-on-the-use-of-wechat-and-kaspersky-suite-of-applications-on-government-mobile-devices-871206681.html
# custom: {instrument: ca-tbs-2023-10-30}
package restrictions.ca_tbs_2023_10_30

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.named
import data.lib.verdict

_id := "ca-tbs-2023-10-30"

_bound := verdict.all([instrument.bound(_id), host.mobile])

_answer := instrument.answer(_id, _bound)

_reaches := [kaspersky.reach, named.reach({"tencent.wechat"})]

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
