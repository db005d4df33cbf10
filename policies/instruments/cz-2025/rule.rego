# METADATA
# title: DeepSeek in the Czech public administration
# description: >-
#   Denies using products of DeepSeek in the public administration, asks about what is
#   there, and warns operators of critical infrastructure. Weights of models that run
#   without contact to the vendor are exempt; where that is not told, a person decides.
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

# Whoever else is said to be critical infrastructure.
_warned := verdict.all([
	instrument.bound(_id),
	host.said_to_work_in({"critical-infrastructure"}),
	verdict.of(_administration.is != "yes"),
])

_answers contains instrument.answer_by(_id, {"ban", "stock", "procurement"}, _administration)

_answers contains instrument.answer_by(_id, {"warning"}, _warned)

_all := named.reach_of_vendors({"deepseek"})

_models := named.reach({"deepseek.models"}).plain

_reach := {
	"plain": _all.plain,
	"doubtful": {i: detail | some i, detail in _all.doubtful; not i in _models},
	"tolerated": set(),
}

# Weights of which nobody says that they run without contact to the vendor.
_weights := {
	"plain": set(),
	"doubtful": {i: _contact | some i in _models; _local.is != "yes"},
	"tolerated": set(),
}

deny contains entry if {
	some answer in _answers
	some entry in ban.denied(answer, _reach)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(answer, _reach)
}

review contains entry if {
	some answer in _answers
	some entry in ban.reviewed(_asking(answer), _weights)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(answer, _reach)
}

warn contains entry if {
	some answer in _answers
	some entry in ban.warned(_asking(answer), _weights)
}

exempt contains finding.exempt(i, "open-source models that run locally with no contact to servers of DeepSeek are exempt", "") if {
	count(_answers) > 0
	_local.is == "yes"
	some i in _models
}

_local := host.used_for({"local-only"})

_asking(answer) := object.union(answer, {"missing": verdict.missing([answer, _local])})

_contact := "models that run locally with no contact to servers of DeepSeek are exempt, and nobody says that this one does"
