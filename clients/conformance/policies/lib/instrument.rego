# METADATA
# title: Instruments in time
# description: What an instrument asks for at the instant and for the action asked about.
package lib.instrument

# The effects of the phases of instrument `id` that are in force.
effects(id) := {phase.effect |
	some phase in data.instruments[id].phases
	phase.from_ns <= input.now_ns
	not phase.id in _ended(id)
	input.action in phase.actions
}

# A phase without `until` has no end: the comparison is undefined.
_ended(id) := {phase.id |
	some phase in data.instruments[id].phases
	phase.until_ns <= input.now_ns
}
