# METADATA
# title: Approved software of Example Works
# description: >-
#   Denies products of the catalogue that are not on the list or not approved for the
#   host's groups, and versions below the floor once a stage of the rollout reaches the
#   host. Where groups or a version are not told, a person decides.
# custom: {instrument: works-approved-software}
package restrictions.works_approved_software

import data.lib.rollout
import data.lib.version

# ---- The list

deny contains {"identified": i, "phase": phase, "detail": detail} if {
	some phase in (_in_force & {"list", "list-removal"})
	some i, detail in _outside
}

warn contains {"identified": i, "phase": "list-notice", "detail": detail} if {
	"list-notice" in _in_force
	some i, detail in _outside
}

review contains {"identified": i, "phase": phase, "detail": detail, "missing": ["host.groups"]} if {
	some phase in (_in_force & {"list", "list-removal", "list-notice"})
	some i, detail in _restricted
	not _groups_are_told
}

# Why an item is not approved for this host.
_outside[i] := "it is not on the list of approved software" if {
	some i, found in input.identified
	not found.product in _listed
}

_outside[i] := detail if {
	some i, detail in _restricted
	_groups_are_told
	count(_groups & _approved_groups(input.identified[i].product)) == 0
}

# Items that are approved for some groups of hosts only.
_restricted[i] := sprintf("it is approved for the groups %s; %s answers for it", [concat(", ", entry.groups), entry.owner]) if {
	some i, found in input.identified
	entry := data.approved.products[found.product]
	count(entry.groups) > 0
}

_listed contains product if some product, _ in data.approved.products

_approved_groups(product) := {group | some group in data.approved.products[product].groups}

_groups contains group if some group in input.host.groups

_groups_are_told if count(_groups) > 0

# ---- The floors

deny contains {"identified": i, "phase": _stage, "detail": detail, "remediation": _update} if {
	some i, detail in _below
	_reached
}

warn contains {"identified": i, "phase": "floor-notice", "detail": detail, "remediation": _update} if {
	"floor-notice" in _in_force
	some i, detail in _below
	not _reached
}

review contains {"identified": i, "phase": "floor-notice", "detail": _untold} if {
	"floor-notice" in _in_force
	some i, "unknown" in _relation
}

_update := "Update the software."

_untold := "its version, or how the inventory orders versions, is not told well enough to compare it with what is approved"

_below[i] := sprintf("approved from version %s on; %s answers for it", [floor, entry.owner]) if {
	some i, "less" in _relation
	found := input.identified[i]
	entry := data.approved.products[found.product]
	floor := entry.floors[found.software.source]
}

# How an item that has floors stands in relation to the one of its inventory.
_relation[i] := relation if some i, relation in _compared

_relation[i] := "unknown" if {
	some i, found in input.identified
	count(data.approved.products[found.product].floors) > 0
	not i in _told
}

_told contains i if some i, _ in _compared

_compared[i] := version.relation(scheme, found.software.version, floor) if {
	some i, found in input.identified
	scheme := data.approved.schemes[found.software.source]
	floor := data.approved.products[found.product].floors[found.software.source]
}

# The stage of the rollout that is in force, and whether it reaches this host.
_stage := stage if some stage in (_in_force & {"pilot", "half", "everyone"})

_reached if rollout.reached(data.rollout.salt, input.host.id, data.rollout.shares[_stage])

# ---- Time

# The phases in force for the action and instant asked about.
_in_force contains phase.id if {
	some phase in data.instruments["works-approved-software"].phases
	phase.from_ns <= input.now_ns
	not phase.id in _ended
	input.action in phase.actions
}

_ended contains phase.id if {
	some phase in data.instruments["works-approved-software"].phases
	phase.until_ns <= input.now_ns
}
