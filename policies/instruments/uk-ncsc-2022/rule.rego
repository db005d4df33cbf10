# METADATA
# title: NCSC guidance of 2022 on Russian technology
# description: >-
#   Warns the public sector and critical infrastructure. Personal devices, and firms
#   that do not say that they are critical infrastructure, are not addressed.
# related_resources:
#   - https://computerweekly.com/news/252515246/NCSC-Not-necessarily-wise-to-ditch-Kaspersky
#   - https://safeandinsured.com/blog/organisations-urged-to-reconsider-russian-technology/
# custom: {instrument: uk-ncsc-2022}
package restrictions.uk_ncsc_2022

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "uk-ncsc-2022"

_addressed := verdict.any([host.owned_by({"government"}), host.said_to_work_in({"critical-infrastructure"})])

_answer := instrument.answer(_id, verdict.all([instrument.bound(_id), _addressed]))

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)
