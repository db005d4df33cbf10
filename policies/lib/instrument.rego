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
effect(id) := _strongest(_in_force(id)).effect

# What instrument `id` asks of a host that is bound as far as `bound` says: the effect,
# the facts that are missing and what its findings must say beside their message.
# Undefined where it asks nothing.
answer(id, bound) := {"effect": effect, "missing": bound.missing, "detail": _reservation(phase)} if {
	phase := _strongest(_in_force(id))
	effect := verdict.weaken(phase.effect, bound)
}

# The same for the phases `names` alone; its findings name the phase that they rest on.
answer_by(id, names, bound) := {"effect": effect, "missing": bound.missing, "detail": _reservation(phase), "phase": phase.id} if {
	phase := _strongest([candidate | some candidate in _in_force(id); candidate.id in names])
	effect := verdict.weaken(phase.effect, bound)
}

# Whether the host can be bound by instrument `id` at all, by the scope that the
# instrument's data declares. Conditions beyond that are the rule's.
bound(id) := verdict.all([_kind(id), _jurisdiction(id)])

_kind(id) := host.owned_by(kinds) if {
	kinds := data.instruments[id].scope.owner_kinds
} else := verdict.of(true)

_jurisdiction(id) := host.within(codes) if {
	codes := data.instruments[id].scope.jurisdictions
} else := verdict.of(true)

_in_force(id) := [phase |
	some phase in data.instruments[id].phases
	phase.from_ns <= input.now_ns
	not phase.id in _ended(id)
	input.action in phase.actions
]

# A phase without `until` has no end: the comparison is undefined.
_ended(id) := {phase.id |
	some phase in data.instruments[id].phases
	phase.until_ns <= input.now_ns
}

# The first in the order of the file among those of the strongest effect.
_strongest(phases) := phase if {
	phase := _of_effect(phases, "deny")[0]
} else := phase if {
	phase := _of_effect(phases, "review")[0]
} else := phase if {
	phase := _of_effect(phases, "warn")[0]
}

_of_effect(phases, effect) := [phase | some phase in phases; phase.effect == effect]

# A phase that nobody verified, or that is a reading of the text, says so.
_reservation(phase) := phase.note if {
	phase.provenance in {"recalled", "interpretation"}
} else := ""
