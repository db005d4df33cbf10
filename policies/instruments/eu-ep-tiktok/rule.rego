# METADATA
# title: TikTok on devices of the European Parliament
# description: >-
#   Denies TikTok on corporate devices of the Parliament. Of personal devices of
#   those who work there it warns, since their removal is recommended and not
#   required.
# related_resources:
#   - https://pledgetimes.com/the-european-parliament-vetoes-the-use-of-tiktok-on-its-official-phones-the-basque-newspaper/
# custom: {instrument: eu-ep-tiktok}
package restrictions.eu_ep_tiktok

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "eu-ep-tiktok"

_parliament := verdict.all([instrument.bound(_id), host.in_sector({"eu-parliament"})])

_answers contains instrument.answer_by(
	_id,
	{"removal", "procurement"},
	verdict.all([_parliament, host.owned_by({"government"})]),
)

_answers contains instrument.answer_by(
	_id,
	{"recommendation"},
	verdict.all([_parliament, host.owned_by({"personal"})]),
)

_reach := named.reach({"bytedance.tiktok", "bytedance.tiktok-live-studio"})

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, _reach)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, _reach)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _reach)
}
