# METADATA
# title: European Parliament on Kaspersky
# description: >-
#   Warns the institutions of the European Union; never more than that.
# related_resources:
#   - http://www.europarl.europa.eu/doceo/document/P-8-2019-001206_EN.html
#   - https://www2.cso.com.au/article/print/642394/eu-parliament-overwhelmingly-backs-recommending-ban-kaspersky-products/
# custom: {instrument: eu-ep-2018}
package restrictions.eu_ep_2018

import data.lib.ban
import data.lib.instrument
import data.lib.kaspersky

_id := "eu-ep-2018"

_answer := instrument.answer(_id, instrument.bound(_id))

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)
