# METADATA
# title: TikTok on mobile devices of the Government of Canada
# description: >-
#   Denies TikTok on government-issued mobile devices. Desktops, laptops and servers
#   are not concerned; a device whose kind is not told is a question for a person.
# related_resources:
#   - https://www.pro-memoria.info/ban-on-the-use-of-tiktok-on-government-mobile-devices/
# custom: {instrument: ca-tiktok}
package restrictions.ca_tiktok

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "ca-tiktok"

_bound := verdict.all([instrument.bound(_id), host.mobile])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
