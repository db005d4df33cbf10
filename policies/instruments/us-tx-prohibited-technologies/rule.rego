# METADATA
# title: Kaspersky on public devices in Texas
# description: >-
#   Warns until policies were due and denies from that day on, for state agencies
#   and local governments.
# related_resources:
#   - https://dir.texas.gov/information-security/covered-applications-and-prohibited-technologies
#   - https://www.einpresswire.com/article/886689832/governor-abbott-updates-texas-prohibited-technologies-list
# custom: {instrument: us-tx-prohibited-technologies}
package restrictions.us_tx_prohibited_technologies

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "us-tx-prohibited-technologies"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"state-agency", "local-government"})])

_answer := instrument.answer(_id, _bound)

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)
