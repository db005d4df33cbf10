# METADATA
# title: What tests of rules are made of
package lib.fixture_test

# The nanosecond at which an instant in RFC 3339 begins.
at(instant) := time.parse_rfc3339_ns(instant)

# A question about one item of Kaspersky's on a host.
kaspersky(action, now_ns, host, class) := asked(action, now_ns, host, [item("kaspersky", class)])

# The same about an item inside the product of another maker.
embedded(action, now_ns, host) := asked(action, now_ns, host, [object.union(
	item("kaspersky", "antivirus-engine"),
	{"software": {"embedded_in": "Example Mail Gateway"}},
)])

asked(action, now_ns, host, identified) := {
	"action": action,
	"now_ns": now_ns,
	"host": host,
	"identified": identified,
}

item(vendor, class) := {
	"product": sprintf("%s.example", [vendor]),
	"vendor": vendor,
	"class": class,
	"strength": "strong",
	"evidence": [],
	"software": {"index": 3, "name": "example"},
}
