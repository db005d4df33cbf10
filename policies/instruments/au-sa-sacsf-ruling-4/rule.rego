# METADATA
# title: SACSF Ruling 4 (DeepSeek in the South Australian Government)
# description: >-
#   Denies installing, using and connecting to products of DeepSeek on devices of
#   state agencies; what is there is a question for a person, since its removal has
#   no date. Personal devices are excluded; those that use apps of the agency raise
#   a warning, since their risk is to be assessed.
# related_resources:
#   - https://www.security.sa.gov.au/cyber-security/sacsf/sacsf-ruling-4-use-of-deepseek-in-the-south-australian-government
# custom: {instrument: au-sa-sacsf-ruling-4}
package restrictions.au_sa_sacsf_ruling_4

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "au-sa-sacsf-ruling-4"

_agency := verdict.all([instrument.bound(_id), host.in_sector({"state-agency"})])

_answers contains instrument.answer_by(
	_id,
	{"use", "removal", "procurement"},
	verdict.all([_agency, host.owned_by({"government"})]),
)

# A personal device is taken for private unless it is said to use apps of the employer.
_answers contains instrument.answer_by(_id, {"own-devices"}, verdict.all([_agency, host.owned_by({"personal"})])) if {
	host.used_for({"employer-apps"}).is == "yes"
}

_reach := named.reach_of_vendors({"deepseek"})

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
