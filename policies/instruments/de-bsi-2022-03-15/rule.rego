# METADATA
# title: BSI warning about Kaspersky virus protection
# description: >-
#   Warns everyone in Germany of Kaspersky virus protection; never more than that.
# related_resources:
#   - https://www.nbs-partners.de/neuigkeiten/warnung-des-bsi-vor-kaspersky-virenschutzsoftware/
#   - https://de.euronews.com/2022/03/15/kaspersky-bsi
# custom: {instrument: de-bsi-2022-03-15}
package restrictions.de_bsi_2022_03_15

import data.lib.ban
import data.lib.instrument
import data.lib.kaspersky

_id := "de-bsi-2022-03-15"

_answer := instrument.answer(_id, instrument.bound(_id))

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach_antivirus)
