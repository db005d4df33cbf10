package restrictions.lv_tiktok_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.lv_tiktok as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("bytedance.tiktok")])

_bound := {"owner": {"kind": "government", "jurisdictions": ["LV"], "sectors": ["central-government"]}}

_measure := fixture.at("2026-11-23T22:00:00Z")

_unread := "the date was not looked up, only that it was listed before 24 November 2026, and facts do not tell whether this is a device of the foreign ministry"

test_reviews_what_is_barred if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _unread}}} with input as _asked(action, _measure, _bound)
		_raised == {} with input as _asked(action, _measure - 1, _bound)
	}
}

test_takes_live_studio_for_tiktok if {
	_raised == {"review": {{"identified": 0, "detail": _unread}}} with input as fixture.asked("presence", _measure, _bound, [_item("bytedance.tiktok-live-studio")])
}

test_is_silent_on_other_products_of_the_vendor if {
	every product in {"bytedance.capcut", "bytedance.douyin", "bytedance.lark", "bytedance.lemon8"} {
		_raised == {} with input as fixture.asked("presence", _measure, _bound, [_item(product)])
	}
}

test_reviews_tiktok_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [named.doubt.embedded, _unread])}}} with input as fixture.asked("presence", _measure, _bound, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["LV"]},
		{"kind": "business", "jurisdictions": ["LV"]},
		{"kind": "government", "jurisdictions": ["LV"], "sectors": ["local-government"]},
		{"kind": "government", "jurisdictions": ["LT"], "sectors": ["central-government"]},
	] {
		_raised == {} with input as _asked("presence", _measure, {"owner": owner, "form_factor": "mobile"})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"], "detail": _unread}}} with input as _asked("presence", _measure, {})
}
