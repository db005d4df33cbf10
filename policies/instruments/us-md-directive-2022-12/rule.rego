# METADATA
# title: Kaspersky in the executive branch of Maryland
# description: >-
#   Warns from the directive of 6 December 2022 and denies when its 14 days are
#   over. Local governments are not bound.
# related_resources:
#   - https://www.cbsnews.com/baltimore/news/gov-hogan-directs-tiktok-ban-for-maryland-state-employees-because-of-cybersecurity-risk/
#   - https://www.wmar2news.com/news/local-news/hogan-bans-tiktok-other-foreign-platforms-from-being-used-on-state-owned-systems
# custom: {instrument: us-md-directive-2022-12}
package restrictions.us_md_directive_2022_12

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "us-md-directive-2022-12"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answer := instrument.answer(_id, _bound)

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)
