# METADATA
# title: PSPF Direction 001-2025 (DeepSeek in the Australian Government)
# description: >-
#   Denies installing, using and connecting to products of DeepSeek from the signing
#   of the direction; what is there is a question for a person, since its removal
#   has no date. Weights of models that run without contact to the vendor are
#   exempt, by one report.
# related_resources:
#   - https://australiancybersecuritymagazine.com.au/?p=23096
#   - https://altusintel.com/public-yycpgx/?tt=1738925823
# custom: {instrument: au-pspf-001-2025}
package restrictions.au_pspf_001_2025

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.named
import data.lib.verdict

_id := "au-pspf-001-2025"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"non-corporate-commonwealth-entity"})])

_answer := instrument.answer(_id, _bound)

_all := named.reach_of_vendors({"deepseek"})

_models := named.reach({"deepseek.models"}).plain

_reach := {
	"plain": _all.plain,
	"doubtful": {i: detail | some i, detail in _all.doubtful; not i in _models},
	"tolerated": set(),
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

# Weights on a host that may have contact to the vendor.
review contains finding.explained(i, asking, named.doubt.model) if {
	_local.is != "yes"
	asking := object.union(_answer, {"missing": verdict.missing([_answer, _local])})
	some i in _models
}

exempt contains finding.exempt(i, "weights of models that run on local servers are not restricted by the direction", "one secondary report alone says so") if {
	_answer
	_local.is == "yes"
	some i in _models
}

_local := host.used_for({"local-only"})
