# METADATA
# title: No Acme
# description: Software of Acme is not used here.
# custom: {instrument: acme}
package restrictions.acme

_in_force if {
	some phase in data.instruments.acme.phases
	input.action in phase.actions
	phase.from_ns <= input.now_ns
}

deny contains {"identified": i} if {
	_in_force
	some i, _ in input.identified
}
