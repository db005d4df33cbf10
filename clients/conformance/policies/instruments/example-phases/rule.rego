# METADATA
# title: Example ban in phases
# description: Warns of the product while notice is given, and denies it while it is banned.
# custom: {instrument: example-phases}
package restrictions.example_phases

import data.lib.instrument

warn contains {"identified": i} if {
	"warn" in instrument.effects("example-phases")
	some i, found in input.identified
	found.product == "example.phased"
}

deny contains {"identified": i} if {
	"deny" in instrument.effects("example-phases")
	some i, found in input.identified
	found.product == "example.phased"
}
