# METADATA
# title: Telegram on official devices in Ukraine
# description: >-
#   Denies Telegram on official devices of public bodies and of critical
#   infrastructure. Use as part of the duties is exempt where the facts say so;
#   personal devices and other firms are free.
# related_resources:
#   - https://www.newindianexpress.com/world/2024/Sep/20/ukraine-bans-telegram-messenger-app-on-state-issued-devices-over-russian-security-threat
# custom: {instrument: ua-telegram-2024}
package restrictions.ua_telegram_2024

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "ua-telegram-2024"

# Official devices: of public bodies, and of whoever is said to be critical infrastructure.
_official := verdict.any([host.owned_by({"government"}), host.said_to_work_in({"critical-infrastructure"})])

_bound := verdict.all([instrument.bound(_id), _official])

_reach := named.reach_of_vendors({"telegram"})

# What is asked of those who do not claim that the use is part of their duties.
_answer := instrument.answer(_id, _bound) if not _on_duty

_on_duty if host.used_for({"official-duty"}).is == "yes"

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

exempt contains finding.exempt(i, "use of Telegram as part of official duties is exempt", "") if {
	_on_duty
	instrument.answer(_id, _bound)
	some i in _reach.plain
}
