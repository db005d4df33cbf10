# METADATA
# title: Zoom in the Taiwanese government
# description: >-
#   Asks during the month in which Zoom was barred from official use and denies it
#   from then on, on devices of public bodies. What is there and not said to be used is
#   a question for a person. Private owners are not concerned.
# related_resources:
#   - http://tech.trendolizer.com/2020/04/taiwan-bans-government-use-of-zoom-over-cybersecurity-concerns.html
# custom: {instrument: tw-zoom-2020}
package restrictions.tw_zoom_2020

import data.lib.ban
import data.lib.instrument
import data.lib.named

_id := "tw-zoom-2020"

_answer := instrument.answer(_id, instrument.bound(_id))

_reach := named.reach_of_vendors({"zoom"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
