# METADATA
# title: DeepSeek in the government of the Australian Capital Territory
# description: >-
#   Denies installing, using and connecting to products of DeepSeek on devices of
#   agencies from the end of the month in which they were barred, and asks during
#   it. What is there is a question for a person, since its removal has no date.
#   Personal devices are not concerned.
# related_resources:
#   - https://australiancybersecuritymagazine.com.au/?p=23096
#   - https://altusintel.com/public-yycpgx/?tt=1738925823
# custom: {instrument: au-act-deepseek}
package restrictions.au_act_deepseek

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "au-act-deepseek"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach_of_vendors({"deepseek"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
