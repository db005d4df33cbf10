# METADATA
# title: Blocking of apps in India (s. 69A IT Act)
# description: >-
#   Denies handing on the apps that are named, asks about getting one in another way
#   and warns that access is blocked. Having and using an app raises nothing.
# related_resources:
#   - https://www.moneycontrol.com/news/business/chinese-apps-ban-govt-bans-43-more-apps-in-india-6152431.html
#   - https://kalingatv.com/nation/india-blocks-access-to-43-more-mobile-apps-check-the-list/
# custom: {instrument: in-69a}
package restrictions.in_69a

import data.lib.ban
import data.lib.instrument
import data.lib.named

_id := "in-69a"

_answer := instrument.answer(_id, instrument.bound(_id))

_reach := named.reach({"bytedance.tiktok", "shareit.shareit", "tencent.wechat", "ucweb.uc-browser"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
