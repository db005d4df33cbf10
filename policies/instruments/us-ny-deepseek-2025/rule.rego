# METADATA
# title: DeepSeek in the state government of New York
# description: >-
#   Denies downloading DeepSeek to devices of state agencies and using it there; what
#   is there already is a question for a person, since no deadline was found. Local
#   governments are not bound.
# related_resources:
#   - https://natlawreview.com/article/three-states-ban-deepseek-use-state-devices-and-networks
#   - http://fordhamiplj.org/2025/03/13/tx-ny-va-and-ia-state-governments-ban-deepseek-on-government-devices-amid-data-security-concerns
# custom: {instrument: us-ny-deepseek-2025}
package restrictions.us_ny_deepseek_2025

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-ny-deepseek-2025"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach_of_vendors({"deepseek"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
