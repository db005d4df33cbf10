package restrictions.tw_moda_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.tw_moda as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_model := object.union(fixture.item("deepseek", "ai-model"), {"product": "deepseek.models"})

_library := object.union(fixture.item("deepseek", "developer-library"), {"product": "deepseek.harness-sdk"})

_bound := {"owner": {"kind": "government", "jurisdictions": ["TW"], "sectors": ["public-administration"]}}

_operator := {"owner": {"kind": "business", "jurisdictions": ["TW"], "sectors": ["critical-infrastructure"]}}

_announced := fixture.at("2025-01-30T16:00:00Z")

_latest := fixture.at("2025-02-14T16:00:00Z")

_day := "late January or early February 2025; the day is not verified"

_having := "the ministry speaks of using; that it also bars having what is there is a reading"

_buying := "the ministry speaks of using; that it also bars buying and handing on is a reading"

test_reviews_everything_while_the_day_is_open if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _announced, _bound)
		_raised == {} with input as _asked(action, _announced - 1, _bound)
	}
}

test_denies_use_after_every_reading if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _latest, _bound)
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _latest - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _latest, _bound)
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _latest - 1, _bound)
	}
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _having}}} with input as _asked("presence", _latest, _bound)
	_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked("presence", _latest - 1, _bound)
}

test_binds_critical_infrastructure if {
	_raised == {"deny": {{"identified": 0}}} with input as _asked("use", _latest, _operator)
	_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked("use", _latest - 1, _operator)
}

test_reviews_weights_of_models if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.model}}} with input as fixture.asked("use", _latest, _bound, [_model])
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.library}}} with input as fixture.asked("use", _latest, _bound, [_library])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["TW"]},
		{"kind": "business", "jurisdictions": ["TW"]},
		{"kind": "government", "jurisdictions": ["KR"], "sectors": ["public-administration"]},
	] {
		_raised == {} with input as _asked("use", _latest, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as _asked("use", _latest, {})
}
