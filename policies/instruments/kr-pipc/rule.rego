# METADATA
# title: Suspension of new downloads of DeepSeek in South Korea
# description: >-
#   Warns of new installations of the app. Whoever has it may keep and use it, so
#   that nothing else is a finding.
# related_resources:
#   - https://newsarenaindia.com/international/china-calls-south-korea-s-ban-on-deepseek-trade-weaponisation/36744
#   - https://www.benzinga.com/media/25/02/43763629/south-korea-joins-italy-in-halting-downloads-of-chinas-deepseek-amid-global-scrutiny-over-privacy-issues
# custom: {instrument: kr-pipc}
package restrictions.kr_pipc

import data.lib.ban
import data.lib.instrument
import data.lib.named

_id := "kr-pipc"

_answer := instrument.answer(_id, instrument.bound(_id))

warn contains entry if some entry in ban.warned(_answer, named.reach({"deepseek.app"}))
