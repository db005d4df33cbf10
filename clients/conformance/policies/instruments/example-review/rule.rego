# METADATA
# title: Example question
# description: Has a person decide on the product.
# custom: {instrument: example-review}
package restrictions.example_review

import data.lib.instrument

review contains {"identified": i} if {
	"review" in instrument.effects("example-review")
	some i, found in input.identified
	found.product == "example.reviewed"
}
