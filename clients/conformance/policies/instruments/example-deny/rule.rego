# METADATA
# title: Example ban
# description: Denies the product, and exempts it where it is used for security research.
# custom: {instrument: example-deny}
package restrictions.example_deny

import data.lib.instrument

deny contains {"identified": i} if {
	some i in _banned
	not _is_research
}

exempt contains {"identified": i, "message": "security research may use it"} if {
	some i in _banned
	_is_research
}

_banned contains i if {
	"deny" in instrument.effects("example-deny")
	some i, found in input.identified
	found.product == "example.denied"
}

_is_research if "security-research" in input.host.purposes
