# METADATA
# title: TikTok on devices of the Danish Ministry of Defence
# description: >-
#   Asks a person where TikTok is on a device of the Danish Ministry of Defence:
#   only lists attest the measure. Others are not concerned.
# related_resources:
#   - https://bashnewsnow.blogspot.com/2024/03/countries-crack-down-on-tiktok.html
#   - https://edueuphoria.com/web-stories/how-many-countries-have-banned-tiktok/
# custom: {instrument: dk-tiktok}
package restrictions.dk_tiktok

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "dk-tiktok"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"defense"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
