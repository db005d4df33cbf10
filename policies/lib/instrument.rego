# METADATA
# title: Instruments in time
# description: |
#   What an instrument's data says about an instant and an action. Instants are
#   half-open: a phase holds from its first nanosecond to the one before `until`.
package lib.instrument

import data.lib.host
import data.lib.verdict

# The effect of the strongest phase of instrument `id` that is in force for the
# action and instant asked about. Undefined if none is.
effect(id) := "deny" if {
	"deny" in _effects(id)
} else := "review" if {
	"review" in _effects(id)
} else := "warn" if {
	"warn" in _effects(id)
}

# Whether the host can be bound by instrument `id` at all, by the scope that the
# instrument's data declares. Conditions beyond that are the rule's.
bound(id) := verdict.all([_kind(scope), _jurisdiction(scope)]) if {
	scope := object.get(data.instruments[id], "scope", {})
}

_kind(scope) := host.owned_by(scope.owner_kinds) if {
	scope.owner_kinds
} else := verdict.yes

_jurisdiction(scope) := host.within(scope.jurisdictions) if {
	scope.jurisdictions
} else := verdict.yes

_effects(id) := {phase.effect |
	some phase in data.instruments[id].phases
	input.action in phase.actions
	phase.from_ns <= input.now_ns
	not _ended(phase)
}

_ended(phase) if {
	phase.until_ns <= input.now_ns
}
