package restrictions.au_pspf_001_2023_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.au_pspf_001_2023 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("bytedance.tiktok")])

_bound := {"owner": {"kind": "government", "jurisdictions": ["AU"], "sectors": ["non-corporate-commonwealth-entity"]}}

_issued := fixture.at("2023-04-03T14:00:00Z")

_practicable := "the direction says as soon as practicable and fixes no date, so that no instant separates late from in time"

_buying := "the direction speaks of installing and removing; that it also bars buying and handing on is a reading"

test_denies_installing if {
	every action in {"install"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _issued, _bound)
		_raised == {} with input as _asked(action, _issued - 1, _bound)
	}
}

test_reviews_what_is_there if {
	every action in {"presence", "update", "use", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _practicable}}} with input as _asked(action, _issued, _bound)
		_raised == {} with input as _asked(action, _issued - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _issued, _bound)
		_raised == {} with input as _asked(action, _issued - 1, _bound)
	}
}

test_takes_live_studio_for_tiktok if {
	_raised == {"review": {{"identified": 0, "detail": _practicable}}} with input as fixture.asked("presence", _issued, _bound, [_item("bytedance.tiktok-live-studio")])
}

test_is_silent_on_other_products_of_the_vendor if {
	every product in {"bytedance.capcut", "bytedance.douyin", "bytedance.lark", "bytedance.lemon8"} {
		_raised == {} with input as fixture.asked("presence", _issued, _bound, [_item(product)])
	}
}

test_reviews_tiktok_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [named.doubt.embedded, _practicable])}}} with input as fixture.asked("presence", _issued, _bound, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["AU"], "sectors": ["non-corporate-commonwealth-entity"]},
		{"kind": "business", "jurisdictions": ["AU"]},
		{"kind": "government", "jurisdictions": ["AU"], "sectors": ["public-administration"]},
		{"kind": "government", "jurisdictions": ["AU-NSW"], "sectors": ["state-agency"]},
	] {
		_raised == {} with input as _asked("presence", _issued, {"owner": owner, "form_factor": "mobile"})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("install", _issued, {})
}
