# METADATA
# title: What a ban on named products reaches
# description: |
#   For `lib.ban`: positions in `input.identified` that a ban reaches which names products
#   or vendors. What stands on its own is reached plainly. Whether code inside the product
#   of another maker is meant is doubtful, and for a ban that names vendors also whether
#   their libraries for developers and their AI models are.
package lib.named

# What a ban on these products reaches. `products` is a set of product ids.
reach(products) := {
	"plain": _of_products(products) - _embedded,
	"doubtful": {i: doubt.embedded | some i in (_of_products(products) & _embedded)},
	"tolerated": set(),
}

# What a ban on all that these vendors make reaches. `vendors` is a set of vendor ids.
reach_of_vendors(vendors) := {
	"plain": ((_of_vendors(vendors) - _embedded) - _libraries) - _models,
	"doubtful": {i: doubt[_kind(i)] | some i in _of_vendors(vendors)},
	"tolerated": set(),
}

doubt := {
	"embedded": "whether this reaches code inside the product of another maker is a matter of interpretation",
	"library": "whether this reaches a library for developers is a matter of interpretation",
	"model": "whether this reaches the weights of a model that runs without the vendor's service is a matter of interpretation",
}

_of_products(products) := {i |
	some i, found in input.identified
	found.product in products
}

_of_vendors(vendors) := {i |
	some i, found in input.identified
	found.vendor in vendors
}

_embedded contains i if {
	some i, found in input.identified
	found.software.embedded_in
}

_libraries contains i if {
	some i, found in input.identified
	found.class == "developer-library"
}

_models contains i if {
	some i, found in input.identified
	found.class == "ai-model"
}

# The first that holds, so that an item has one reason.
_kind(i) := "library" if {
	i in _libraries
} else := "model" if {
	i in _models
} else := "embedded" if {
	i in _embedded
}
