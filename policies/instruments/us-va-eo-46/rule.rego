# METADATA
# title: DeepSeek in the state government of Virginia
# description: >-
#   Denies installing and using DeepSeek on devices and networks of state agencies;
#   what is there already is a question for a person, since no deadline was found.
#   Local governments are not bound.
# related_resources:
#   - http://hamptonroadsmessenger.com/posts/deepseek-ai-ban-on-state-devices-and-state-run-networks/
#   - https://natlawreview.com/article/three-states-ban-deepseek-use-state-devices-and-networks
# custom: {instrument: us-va-eo-46}
package restrictions.us_va_eo_46

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-va-eo-46"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach_of_vendors({"deepseek"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
