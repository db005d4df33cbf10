# METADATA
# title: What a rule on Kaspersky reaches
# description: |
#   Positions in `input.identified`, sorted by how plainly a ban that names the vendor
#   reaches them. An item is in exactly one of `products`, `embedded`, `libraries` and
#   `removal_tools`; the other sets cut across these.
package lib.kaspersky

# What stands on its own and is no special case.
products contains i if {
	some i, found in input.identified
	found.vendor == "kaspersky"
	not found.class in {"developer-library", "removal-tool"}
	not found.software.embedded_in
}

# Code inside the product of another maker.
embedded contains i if {
	some i, found in input.identified
	found.vendor == "kaspersky"
	not found.class in {"developer-library", "removal-tool"}
	found.software.embedded_in
}

# Libraries that Kaspersky wrote for developers.
libraries contains i if {
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class == "developer-library"
}

# The tool by which the vendor's products are removed.
removal_tools contains i if {
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class == "removal-tool"
}

# Threat intelligence and training: information, not protection of a device.
informational contains i if {
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class in {"threat-intelligence", "training"}
}

# What stands on its own and is of one of these classes.
standing(classes) := {i |
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class in classes
	not found.software.embedded_in
}

# What a ban on the vendor's products reaches, for `lib.ban`, where the text leaves it
# open whether it means embedded code and libraries.
reach := {
	"plain": products,
	"doubtful": {i: detail |
		some i in (embedded | libraries)
		detail := doubt[_kind(i)]
	},
	"tolerated": removal_tools,
}

# The same where the text takes in software that is Kaspersky's "in part".
reach_in_part := {
	"plain": products | embedded,
	"doubtful": {i: doubt.library | some i in libraries},
	"tolerated": removal_tools,
}

# What a measure against anti-virus software reaches. It is open whether it means an
# engine inside another product, a scanner on demand, and a product that is not told apart.
reach_antivirus := {
	"plain": standing({"antivirus", "antivirus-engine"}),
	"doubtful": {i: doubt.antivirus |
		some i in (embedded | standing({"scanner", "security-software"}))
		_protects(input.identified[i].class)
	},
	"tolerated": set(),
}

doubt := {
	"embedded": "whether this reaches Kaspersky code inside the product of another maker is a matter of interpretation",
	"library": "whether this reaches a library that Kaspersky wrote for developers is a matter of interpretation",
	"antivirus": "whether this counts as anti-virus software is a matter of interpretation",
}

_kind(i) := "embedded" if i in embedded

_kind(i) := "library" if i in libraries

_protects(class) if class in {"antivirus", "antivirus-engine", "scanner", "security-software"}
