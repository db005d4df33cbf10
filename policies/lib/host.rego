# METADATA
# title: Conditions on the host and its owner
# description: |
#   Each gives a verdict (`lib.verdict`): a fact that was not collected is unknown,
#   which is not the same as "no". An empty list counts as not collected.
#
#   The functions call functions of `lib.verdict` and never read its rules: once a rule
#   of this package has been read through an import, regorus 0.14.1 finds imported
#   packages undefined in the package's functions, calls excepted.
package lib.host

import data.lib.verdict

# The owner is of one of these kinds.
owned_by(kinds) := verdict.of(kind in kinds) if {
	kind := input.host.owner.kind
} else := verdict.unknown("host.owner.kind")

# The owner is subject to one of these jurisdictions. No code implies another.
within(codes) := _among(input.host.owner.jurisdictions, codes) if {
	count(input.host.owner.jurisdictions) > 0
} else := verdict.unknown("host.owner.jurisdictions")

# The owner works in one of these sectors.
in_sector(sectors) := _among(input.host.owner.sectors, sectors) if {
	count(input.host.owner.sectors) > 0
} else := verdict.unknown("host.owner.sectors")

# The owner is said to work in one of these sectors. For duties that reach a private
# owner by its sector alone: one that states none is taken for an ordinary firm.
said_to_work_in(sectors) := verdict.of(in_sector(sectors).is == "yes")

# One of these contract clauses binds the owner.
under_clause(clauses) := _among(input.host.owner.contract_clauses, clauses) if {
	count(input.host.owner.contract_clauses) > 0
} else := verdict.unknown("host.owner.contract_clauses")

# The host serves one of these purposes.
used_for(purposes) := _among(input.host.purposes, purposes) if {
	count(input.host.purposes) > 0
} else := verdict.unknown("host.purposes")

# The owner is a U.S. person.
us_person := verdict.of(answer) if {
	answer := input.host.owner.us_person
} else := verdict.unknown("host.owner.us_person")

# The host is a phone or a tablet: by its form factor, or else by its system. Of a system
# that runs on phones and on others it is not told.
mobile := verdict.of(true) if {
	input.host.form_factor == "mobile"
} else := verdict.of(false) if {
	input.host.form_factor in {"desktop", "laptop", "server", "virtual", "appliance"}
} else := verdict.of(true) if {
	input.host.os.family in {"android", "ios", "ipados"}
} else := verdict.of(false) if {
	input.host.os.family in {"windows", "macos", "linux", "chromeos"}
} else := verdict.unknown("host.form_factor")

_among(values, wanted) := verdict.of(true) if {
	some value in values
	value in wanted
} else := verdict.of(false)
