# METADATA
# title: DeepSeek in the Taiwanese public sector
# description: >-
#   Asks while the day of the announcement is open and denies using products of
#   DeepSeek from then on, in the public sector and in critical infrastructure. What is
#   there and not said to be used is a question for a person. Private owners are not
#   concerned.
# related_resources:
#   - https://www.benzinga.com/media/25/02/43763629/south-korea-joins-italy-in-halting-downloads-of-chinas-deepseek-amid-global-scrutiny-over-privacy-issues
#   - https://404notfound.icu/news/search?form=YFNR&q=deepseek+taiwan
# custom: {instrument: tw-moda}
package restrictions.tw_moda

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "tw-moda"

# The public sector, and whoever is said to be critical infrastructure.
_concerned := verdict.any([host.owned_by({"government"}), host.said_to_work_in({"critical-infrastructure"})])

_answer := instrument.answer(_id, verdict.all([instrument.bound(_id), _concerned]))

_reach := named.reach_of_vendors({"deepseek"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
