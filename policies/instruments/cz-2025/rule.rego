# METADATA
# title: DeepSeek in the Czech public administration
# description: >-
#   Denies products of DeepSeek in the public administration and warns operators of
#   critical infrastructure of them. Weights of models that run without contact to
#   the vendor are exempt; where that is not told, a person decides.
# related_resources:
#   - https://security.cuni.cz/en/deepseek
#   - https://www.ksat.com/tech/2025/07/09/the-czech-republic-bans-deepseek-in-state-administration-over-cybersecurity-concerns/
# custom: {instrument: cz-2025}
package restrictions.cz_2025

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "cz-2025"

_administration := verdict.all([
	instrument.bound(_id),
	host.owned_by({"government"}),
	host.in_sector({"public-administration", "central-government", "local-government"}),
])

_warned := verdict.all([
	instrument.bound(_id),
	host.owned_by({"contractor", "business"}),
	host.said_to_work_in({"critical-infrastructure"}),
])

_binding := {"ban", "procurement"}

_answers contains instrument.answer_by(_id, _binding, _administration)

_answers contains instrument.answer_by(_id, {"warning"}, _warned)

# The same for weights of models, which are exempt without contact to the vendor.
_on_models contains instrument.answer_by(_id, _binding, verdict.all([_administration, _in_contact]))

_on_models contains instrument.answer_by(_id, {"warning"}, verdict.all([_warned, _in_contact]))

_in_contact := verdict.negate(host.used_for({"local-only"}))

_all := named.reach_of_vendors({"deepseek"})

_models := named.reach({"deepseek.models"})

_reach := {
	"plain": _all.plain,
	"doubtful": {i: detail | some i, detail in _all.doubtful; not i in _models.plain},
	"tolerated": set(),
}

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, _reach)
}

deny contains entry if {
	some answer in _on_models
	some entry in ban.denied(answer, _models)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, _reach)
}

review contains entry if {
	some answer in _on_models
	some entry in ban.reviewed(answer, _models)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _reach)
}

warn contains entry if {
	some answer in _on_models
	some entry in ban.warned(answer, _models)
}

exempt contains finding.exempt(i, "open-source models that run locally with no contact to servers of DeepSeek are exempt", "") if {
	count(_answers) > 0
	_in_contact.is == "no"
	some i in _models.plain
}
