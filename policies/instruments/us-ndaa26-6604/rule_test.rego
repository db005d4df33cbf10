package restrictions.us_ndaa26_6604_test

import data.lib.fixture_test as fixture
import data.restrictions.us_ndaa26_6604 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_asked(action, now_ns, host, product) := fixture.asked(action, now_ns, host, [object.union(
	fixture.item("deepseek", "ai-assistant"),
	{"product": product},
)])

_owned(kind, sectors) := {"owner": {"kind": kind, "jurisdictions": ["US"], "sectors": sectors}}

_system := _owned("government", ["intelligence", "national-security-system"])

_enacted := fixture.at("2025-12-18T05:00:00Z")

_due := fixture.at("2026-02-16T05:00:00Z")

_open := "standards were due on 16 February 2026, and whether they were issued and what they ask is not verified"

test_warns_from_the_enactment if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _enacted, _system, "deepseek.app")
		_raised == {} with input as _asked(action, _enacted - 1, _system, "deepseek.app")
	}
}

test_reviews_when_standards_are_due if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _open}}} with input as _asked(action, _due, _system, "deepseek.app")
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _due - 1, _system, "deepseek.app")
	}
}

test_reviews_what_a_contractor_operates if {
	_raised == {"review": {{"identified": 0, "detail": _open}}} with input as _asked("presence", _due, _owned("contractor", ["intelligence", "national-security-system"]), "deepseek.harness")
}

test_reviews_what_may_be_the_application if {
	every product in {"deepseek.harness", "deepseek.other"} {
		_raised == {"review": {{"identified": 0, "detail": _open}}} with input as _asked("presence", _due, _system, product)
	}
}

test_does_not_concern_models_and_libraries if {
	every product in {"deepseek.models", "deepseek.harness-sdk"} {
		_raised == {} with input as _asked("presence", _due, _system, product)
	}
}

test_does_not_bind_other_systems if {
	every sectors in {["intelligence"], ["defense", "national-security-system"], ["federal-civilian"]} {
		_raised == {} with input as _asked("presence", _due, _owned("government", sectors), "deepseek.app")
	}
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal"} {
		_raised == {} with input as _asked("presence", _due, {"owner": {"kind": kind, "jurisdictions": ["US"]}}, "deepseek.app")
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"], "detail": _open}}} with input as _asked("presence", _due, {}, "deepseek.app")
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("presence", _enacted, {}, "deepseek.app")
}
