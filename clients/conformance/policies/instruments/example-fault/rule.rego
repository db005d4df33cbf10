# METADATA
# title: Example ban by version
# description: Denies the product from version 2 on. A version that is no number fails the rule, as it is meant to.
# custom: {instrument: example-fault}
package restrictions.example_fault

import data.lib.instrument

deny contains {"identified": i} if {
	some i, found in _banned
	to_number(found.software.version) >= 2
}

review contains {"identified": i, "missing": ["identified[].software.version"]} if {
	some i, found in _banned
	not found.software.version
}

_banned[i] := found if {
	"deny" in instrument.effects("example-fault")
	some i, found in input.identified
	found.product == "example.faulty"
}
