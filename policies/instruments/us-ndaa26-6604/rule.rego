# METADATA
# title: DeepSeek on national security systems of the intelligence community
# description: >-
#   Warns from the enactment on and asks a person when the standards are due. The
#   owner has to be of the intelligence community and the system one of national
#   security. Local weights and libraries are not concerned.
# related_resources:
#   - https://agora.eto.tech/instrument/2699
# custom: {instrument: us-ndaa26-6604}
package restrictions.us_ndaa26_6604

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "us-ndaa26-6604"

_bound := verdict.all([
	instrument.bound(_id),
	host.in_sector({"intelligence"}),
	host.in_sector({"national-security-system"}),
])

_answer := instrument.answer(_id, _bound)

_reach := named.reach({"deepseek.app", "deepseek.harness", "deepseek.other"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
