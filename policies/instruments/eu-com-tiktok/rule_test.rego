package restrictions.eu_com_tiktok_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.eu_com_tiktok as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("bytedance.tiktok")])

_owner := {"kind": "government", "jurisdictions": ["EU"], "sectors": ["eu-commission"]}

_bound := {"owner": _owner}

_staff := {"kind": "personal", "jurisdictions": ["EU"], "sectors": ["eu-commission"]}

_private := {"owner": _staff, "purposes": ["employer-apps", "private-use"]}

_decided := fixture.at("2023-02-22T23:00:00Z")

_deadline := fixture.at("2023-03-15T23:00:00Z")

_buying := "the decision speaks of removing; that it also bars buying and handing on is a reading"

test_warns_from_the_decision if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _decided, _bound)
		_raised == {} with input as _asked(action, _decided - 1, _bound)
	}
}

test_denies_from_the_deadline if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _deadline, _bound)
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _deadline - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _decided, _bound)
		_raised == {} with input as _asked(action, _decided - 1, _bound)
	}
}

test_warns_of_personal_devices_with_apps_of_the_commission if {
	every action in {"presence", "use"} {
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _decided, _private)
		_raised == {} with input as _asked(action, _decided - 1, _private)
	}
}

test_denies_on_personal_devices_with_apps_of_the_commission if {
	every action in {"presence", "use"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _deadline, _private)
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _deadline - 1, _private)
	}
}

test_does_not_concern_personal_devices_in_private_use if {
	_raised == {} with input as _asked("presence", _deadline, {"owner": _staff, "purposes": ["private-use"]})
}

test_asks_whether_a_personal_device_uses_apps_of_the_commission if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"]}}} with input as _asked("presence", _deadline, {"owner": _staff})
}

test_takes_live_studio_for_tiktok if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("presence", _deadline, _bound, [_item("bytedance.tiktok-live-studio")])
}

test_is_silent_on_other_products_of_the_vendor if {
	every product in {"bytedance.capcut", "bytedance.douyin", "bytedance.lark", "bytedance.lemon8"} {
		_raised == {} with input as fixture.asked("presence", _deadline, _bound, [_item(product)])
	}
}

test_reviews_tiktok_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _deadline, _bound, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "government", "jurisdictions": ["EU"], "sectors": ["eu-parliament"]},
		{"kind": "personal", "jurisdictions": ["EU"], "sectors": ["eu-parliament"]},
		{"kind": "personal", "jurisdictions": ["BE"]},
		{"kind": "business", "jurisdictions": ["EU"]},
		{"kind": "government", "jurisdictions": ["BE"], "sectors": ["central-government"]},
	] {
		_raised == {} with input as _asked("presence", _deadline, {"owner": owner, "form_factor": "mobile"})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors", "host.purposes"]}}} with input as _asked("presence", _deadline, {})
}
