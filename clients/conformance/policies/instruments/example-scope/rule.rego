# METADATA
# title: Example ban for businesses
# description: Denies the product to businesses. Where nobody said whose device it is, a person decides.
# custom: {instrument: example-scope}
package restrictions.example_scope

import data.lib.instrument

deny contains {"identified": i} if {
	some i in _banned
	input.host.owner.kind == "business"
}

review contains {"identified": i, "missing": ["host.owner.kind"]} if {
	some i in _banned
	not input.host.owner.kind
}

_banned contains i if {
	"deny" in instrument.effects("example-scope")
	some i, found in input.identified
	found.product == "example.scoped"
}
