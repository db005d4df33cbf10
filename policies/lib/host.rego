# METADATA
# title: Conditions on the host and its owner
# description: |
#   Each gives a verdict (`lib.verdict`): a fact that was not collected is unknown,
#   which is not the same as "no". An empty list counts as not collected.
package lib.host

import data.lib.verdict

# The owner is of one of these kinds.
owned_by(kinds) := _one(object.get(input, ["host", "owner", "kind"], ""), kinds, "host.owner.kind")

# The owner is subject to one of these jurisdictions. No code implies another.
within(codes) := _some(object.get(input, ["host", "owner", "jurisdictions"], []), codes, "host.owner.jurisdictions")

# The owner works in one of these sectors.
in_sector(sectors) := _some(object.get(input, ["host", "owner", "sectors"], []), sectors, "host.owner.sectors")

# One of these contract clauses binds the owner.
under_clause(clauses) := _some(object.get(input, ["host", "owner", "contract_clauses"], []), clauses, "host.owner.contract_clauses")

# The host serves one of these purposes.
used_for(purposes) := _some(object.get(input, ["host", "purposes"], []), purposes, "host.purposes")

# The owner is a U.S. person.
us_person := verdict.of(object.get(input, ["host", "owner", "us_person"], null)) if {
	object.get(input, ["host", "owner", "us_person"], null) != null
} else := verdict.unknown("host.owner.us_person")

_mobile_systems := {"android", "ios", "ipados"}

# The host is a phone or a tablet: by its form factor, or else by its system.
mobile := verdict.of(_form_factor == "mobile") if {
	_form_factor != ""
} else := verdict.of(_family in _mobile_systems) if {
	_family != ""
} else := verdict.unknown("host.form_factor")

_form_factor := object.get(input, ["host", "form_factor"], "")

_family := object.get(input, ["host", "os", "family"], "")

_one(value, wanted, path) := verdict.unknown(path) if {
	value == ""
} else := verdict.of(value in wanted)

_some(values, wanted, path) := verdict.unknown(path) if {
	count(values) == 0
} else := verdict.yes if {
	some value in values
	value in wanted
} else := verdict.no
