package restrictions.tw_zoom_2020_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.tw_zoom_2020 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("zoom", "video-conference"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("zoom.zoom")])

_bound := {"owner": {"kind": "government", "jurisdictions": ["TW"], "sectors": ["public-administration"]}}

_month := fixture.at("2020-03-31T16:00:00Z")

_month_over := fixture.at("2020-04-30T16:00:00Z")

_day := "barred in April 2020; the day is not verified"

_having := "the measure speaks of official use; that it also bars having what is there is a reading"

_buying := "the measure speaks of official use; that it also bars buying and handing on is a reading"

test_reviews_everything_during_the_month if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _month, _bound)
		_raised == {} with input as _asked(action, _month - 1, _bound)
	}
}

test_denies_official_use_after_the_month if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _month_over, _bound)
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _month_over - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _month_over, _bound)
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _month_over - 1, _bound)
	}
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _having}}} with input as _asked("presence", _month_over, _bound)
	_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked("presence", _month_over - 1, _bound)
}

test_reviews_zoom_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("use", _month_over, _bound, [object.union(_item("zoom.zoom"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["TW"]},
		{"kind": "business", "jurisdictions": ["TW"]},
		{"kind": "government", "jurisdictions": ["JP"], "sectors": ["public-administration"]},
	] {
		_raised == {} with input as _asked("use", _month_over, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as _asked("use", _month_over, {})
}
