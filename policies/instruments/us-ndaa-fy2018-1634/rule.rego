# METADATA
# title: Kaspersky in the US federal government
# description: >-
#   Denies every Kaspersky product, embedded code included, on what the Federal
#   Government owns. The section names no exemption. Two readings that the text does
#   not settle do not deny by themselves: developer libraries are a question for a
#   person, and the vendor's removal tool is tolerated while a device is cleaned.
# related_resources:
#   - http://www.wifcon.com/dodauth18/dod18_1634.htm
# custom: {instrument: us-ndaa-fy2018-1634}
package restrictions.us_ndaa_fy2018_1634

import data.lib.ban
import data.lib.instrument
import data.lib.kaspersky

_id := "us-ndaa-fy2018-1634"

_answer := instrument.answer(_id, instrument.bound(_id))

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach_in_part)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach_in_part)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach_in_part)
