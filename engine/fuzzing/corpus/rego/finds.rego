# METADATA
# title: Acme on hosts of the government
# description: |
#   Denies what is there.
# custom: {}
package restrictions.r

import rego.v1

_deadline := time.parse_rfc3339_ns("2024-06-01T00:00:00Z")

_names := {"Acme Shield", "Acme Guess"}

_bound if input.host.owner.kind == "government"

_bound if {
	some clause in input.host.owner.contract_clauses
	startswith(clause, "52.204")
}

default _level := "warn"

_level := "deny" if {
	_bound
	input.now_ns >= _deadline
} else := "review" if {
	not input.host.owner
}

deny contains {"identified": i, "message": sprintf("%s is there", [found.product])} if {
	_level == "deny"
	some i, found in input.identified
	not found.product in {"acme.guess"}
}

review contains {"software": i, "message": "a look"} if {
	some i, item in input.software
	embargo.version_compare("dotted", object.get(item, "version", "0"), "2") == "less"
	every name in _names { name != item.name }
}

exempt contains {"identified": 0} if "lab" in input.host.groups

warn contains concat(", ", sort(all)) if {
	all := [lower(item.name) | some item in input.software]
	count(all) > 1
	counts := {name: n | some name in all; n := count([1 | some other in all; other == name])}
	max({n | some n in counts}) == 1
}
