# METADATA
# title: Example advice
# description: Warns of the product.
# custom: {instrument: example-warn}
package restrictions.example_warn

import data.lib.instrument

warn contains {"identified": i} if {
	"warn" in instrument.effects("example-warn")
	some i, found in input.identified
	found.product == "example.warned"
}
