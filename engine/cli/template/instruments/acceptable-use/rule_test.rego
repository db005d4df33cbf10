package restrictions.acceptable_use_test

import data.lib.fixture_test as fixture
import data.restrictions.acceptable_use as rule

_company := {"owner": {"kind": "business"}}

_item(product) := object.union(fixture.item("example-chat", "messenger"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("example-chat.messenger")])

_start := fixture.at("2026-07-01T00:00:00Z")

_removal := fixture.at("2026-10-01T00:00:00Z")

test_is_silent_before_the_rule if {
	input_before := _asked("presence", _start - 1, _company)
	count(rule.deny | rule.review | rule.warn) == 0 with input as input_before
}

test_warns_until_the_removal if {
	count(rule.warn) == 1 with input as _asked("presence", _start, _company)
	count(rule.deny) == 0 with input as _asked("presence", _removal - 1, _company)
}

test_denies_from_the_removal_on if {
	count(rule.deny) == 1 with input as _asked("presence", _removal, _company)
}

test_denies_a_new_installation_at_once if {
	count(rule.deny) == 1 with input as _asked("install", _start, _company)
}

test_asks_for_an_owner_that_is_not_told if {
	rule.review == {{"identified": 0, "missing": ["host.owner.kind"]}} with input as _asked("presence", _removal, {})
}

test_is_silent_on_other_products if {
	others := fixture.asked("presence", _removal, _company, [_item("example-chat.calendar")])
	count(rule.deny | rule.review | rule.warn) == 0 with input as others
}
