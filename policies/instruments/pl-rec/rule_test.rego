package restrictions.pl_rec_test

import data.lib.fixture_test as fixture
import data.restrictions.pl_rec as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_authority := {"owner": {"kind": "government", "jurisdictions": ["PL"]}}

_known := fixture.at("2026-11-23T23:00:00Z")

_undated := "the date of the recommendation is not verified, only that it was issued before 24 November 2026"

_asked(now_ns, host, product) := fixture.asked("use", now_ns, host, [object.union(
	fixture.item("kaspersky", "antivirus"),
	{"product": product},
)])

test_warns_of_the_four_products_named if {
	every name in {"anti-virus", "internet-security", "total-security", "safe-kids"} {
		_raised == {"warn": {{"identified": 0, "detail": _undated}}} with input as _asked(_known, _authority, sprintf("kaspersky.%s", [name]))
		_raised == {} with input as _asked(_known - 1, _authority, sprintf("kaspersky.%s", [name]))
	}
}

test_is_silent_on_other_products if {
	_raised == {} with input as _asked(_known, _authority, "kaspersky.endpoint-security")
}

test_warns_operators_of_essential_services if {
	_raised == {"warn": {{"identified": 0, "detail": _undated}}} with input as _asked(_known, {"owner": {"kind": "business", "jurisdictions": ["PL"], "sectors": ["telecommunications"]}}, "kaspersky.anti-virus")
}

test_does_not_address_an_ordinary_firm if {
	_raised == {} with input as _asked(_known, {"owner": {"kind": "business", "jurisdictions": ["PL"]}}, "kaspersky.anti-virus")
}

test_does_not_address_a_personal_laptop if {
	_raised == {} with input as _asked(_known, {"owner": {"kind": "personal", "jurisdictions": ["PL"]}}, "kaspersky.anti-virus")
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"], "detail": _undated}}} with input as _asked(_known, {}, "kaspersky.anti-virus")
}
