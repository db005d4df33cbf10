# METADATA
# title: PSPF Direction 001-2023 (TikTok in the Australian Government)
# description: >-
#   Denies installing from the issue of the direction; what is there is a question
#   for a person, since its removal has no date. Personal devices are not concerned.
# related_resources:
#   - https://protectivesecurity.gov.au/protective-security-directions-under-pspf
#   - https://www.hcamag.com/au/specialisation/employee-engagement/australia-bans-tiktok-on-government-devices/441825
# custom: {instrument: au-pspf-001-2023}
package restrictions.au_pspf_001_2023

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "au-pspf-001-2023"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"non-corporate-commonwealth-entity"})])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
