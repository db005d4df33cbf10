package restrictions.in_69a_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.in_69a as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("example", "messenger"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("tencent.wechat")])

_bound := {"owner": {"kind": "business", "jurisdictions": ["IN"]}}

_private := {"owner": {"kind": "personal", "jurisdictions": ["IN"]}}

_ordered := fixture.at("2020-06-28T18:30:00Z")

_reading := "the order blocks distribution and access; that it reaches whoever gets an app in another way is a reading"

_providers := "the duty to block binds stores and providers, not the owner of a device"

test_denies_distribution if {
	every action in {"distribute"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _ordered, _bound)
		_raised == {} with input as _asked(action, _ordered - 1, _bound)
	}
}

test_reviews_getting_it if {
	every action in {"install", "acquire"} {
		_raised == {"review": {{"identified": 0, "detail": _reading}}} with input as _asked(action, _ordered, _bound)
		_raised == {} with input as _asked(action, _ordered - 1, _bound)
	}
}

test_warns_that_access_is_blocked if {
	every action in {"update", "connect"} {
		_raised == {"warn": {{"identified": 0, "detail": _providers}}} with input as _asked(action, _ordered, _private)
		_raised == {} with input as _asked(action, _ordered - 1, _private)
	}
}

test_is_silent_on_having_it if {
	every action in {"presence", "use"} {
		_raised == {} with input as _asked(action, _ordered, _private)
	}
}

test_names_four_apps if {
	every product in {"bytedance.tiktok", "shareit.shareit", "tencent.wechat", "ucweb.uc-browser"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("distribute", _ordered, _bound, [_item(product)])
	}
}

test_is_silent_on_other_products if {
	every product in {"bytedance.capcut", "tencent.qq", "tencent.wecom"} {
		_raised == {} with input as fixture.asked("distribute", _ordered, _bound, [_item(product)])
	}
}

test_reviews_an_app_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("distribute", _ordered, _bound, [object.union(_item("tencent.wechat"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_concern_other_countries if {
	_raised == {} with input as _asked("distribute", _ordered, {"owner": {"kind": "business", "jurisdictions": ["LK"]}})
}

test_asks_for_a_jurisdiction_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions"]}}} with input as _asked("distribute", _ordered, {})
}
