# METADATA
# title: TikTok on devices of the European Commission
# description: >-
#   Warns from the decision until the deadline and denies from then on: on corporate
#   devices, and on personal devices that use apps of the Commission. Of a personal
#   device that does not say what it is used for, a person decides.
# related_resources:
#   - https://www.luxtimes.lu/en/european-union/european-commission-blocks-staff-from-using-tiktok-63f76749de135b9236bde61e
# custom: {instrument: eu-com-tiktok}
package restrictions.eu_com_tiktok

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "eu-com-tiktok"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"eu-commission"}), _for_work])

# Corporate devices, and personal ones that use apps of the Commission.
_for_work := verdict.any([
	host.owned_by({"government"}),
	verdict.all([host.owned_by({"personal"}), host.used_for({"employer-apps"})]),
])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
