# METADATA
# title: TikTok on devices of UK government departments
# description: >-
#   Denies TikTok on devices of government departments. Personal devices, local
#   government and Parliament are not concerned.
# related_resources:
#   - https://order-order.com/2023/03/16/watch-dowden-announces-tiktok-ban-on-government-devices-with-immediate-effect/
#   - https://uk.news.yahoo.com/oliver-dowden-bans-tiktok-government-125138174.html
# custom: {instrument: uk-tiktok}
package restrictions.uk_tiktok

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "uk-tiktok"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"central-government"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
