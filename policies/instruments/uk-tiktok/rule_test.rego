package restrictions.uk_tiktok_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.uk_tiktok as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("bytedance.tiktok")])

_bound := {"owner": {"kind": "government", "jurisdictions": ["GB"], "sectors": ["central-government"]}}

_effective := fixture.at("2023-03-16T00:00:00Z")

_buying := "the statement speaks of government devices; that it also bars buying and handing on is a reading"

test_denies_what_is_barred if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _effective, _bound)
		_raised == {} with input as _asked(action, _effective - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _effective, _bound)
		_raised == {} with input as _asked(action, _effective - 1, _bound)
	}
}

test_takes_live_studio_for_tiktok if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("presence", _effective, _bound, [_item("bytedance.tiktok-live-studio")])
}

test_is_silent_on_other_products_of_the_vendor if {
	every product in {"bytedance.capcut", "bytedance.douyin", "bytedance.lark", "bytedance.lemon8"} {
		_raised == {} with input as fixture.asked("presence", _effective, _bound, [_item(product)])
	}
}

test_reviews_tiktok_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _effective, _bound, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["GB"], "sectors": ["central-government"]},
		{"kind": "business", "jurisdictions": ["GB"]},
		{"kind": "government", "jurisdictions": ["GB"], "sectors": ["local-government"]},
		{"kind": "government", "jurisdictions": ["GB"], "sectors": ["parliament"]},
		{"kind": "government", "jurisdictions": ["IE"], "sectors": ["central-government"]},
	] {
		_raised == {} with input as _asked("presence", _effective, {"owner": owner, "form_factor": "mobile"})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("presence", _effective, {})
}
