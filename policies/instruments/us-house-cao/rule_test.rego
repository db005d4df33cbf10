package restrictions.us_house_cao_test

import data.lib.fixture_test as fixture
import data.restrictions.us_house_cao as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_asked(action, now_ns, host, product) := fixture.asked(action, now_ns, host, [object.union(
	fixture.item(split(product, ".")[0], "social-media"),
	{"product": product},
)])

_house := {"kind": "government", "jurisdictions": ["US"], "sectors": ["parliament", "us-house"]}

_phone := {"form_factor": "mobile", "owner": _house}

_laptop := {"form_factor": "laptop", "owner": _house}

_december := fixture.at("2022-12-01T05:00:00Z")

_january := fixture.at("2023-01-01T05:00:00Z")

_august := fixture.at("2024-08-15T04:00:00Z")

_june := fixture.at("2025-06-23T04:00:00Z")

_day := "the day in December 2022 is not verified"

_mobile_first := "the rule began with mobile devices, and since when it holds for others is not verified"

_reported := "the restriction was reported together with that of WhatsApp, and since when and how far it holds is not verified"

_buying := "the rule speaks of what is on devices; that it also bars buying and handing on is a reading"

_named := {"bytedance.capcut", "bytedance.hypic", "bytedance.lark", "bytedance.lemon8"}

test_reviews_tiktok_while_the_day_is_open if {
	_raised == {"review": {{"identified": 0, "phase": "tiktok-month", "detail": _day}}} with input as _asked("presence", _december, _laptop, "bytedance.tiktok")
	_raised == {} with input as _asked("presence", _december - 1, _laptop, "bytedance.tiktok")
}

test_denies_tiktok_when_the_month_is_over if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "tiktok"}}} with input as _asked(action, _january, _laptop, "bytedance.tiktok")
		_raised == {"review": {{"identified": 0, "phase": "tiktok-month", "detail": _day}}} with input as _asked(action, _january - 1, _laptop, "bytedance.tiktok")
	}
}

test_denies_named_applications_on_phones if {
	every product in _named {
		_raised == {"deny": {{"identified": 0, "phase": "bytedance"}}} with input as _asked("presence", _august, _phone, product)
		_raised == {} with input as _asked("presence", _august - 1, _phone, product)
	}
}

test_reviews_named_applications_on_other_devices if {
	every product in _named {
		_raised == {"review": {{"identified": 0, "phase": "bytedance-desktops", "detail": _mobile_first}}} with input as _asked("presence", _august, _laptop, product)
		_raised == {} with input as _asked("presence", _august - 1, _laptop, product)
	}
}

test_asks_for_the_form_factor if {
	_raised == {"review": {{"identified": 0, "phase": "bytedance", "missing": ["host.form_factor"]}}} with input as _asked("presence", _august, {"owner": _house}, "bytedance.capcut")
}

test_is_silent_on_applications_that_are_not_named if {
	every product in {"bytedance.douyin", "bytedance.trae"} {
		_raised == {} with input as _asked("presence", _june, _phone, product)
	}
}

test_denies_whatsapp if {
	every product in {"meta.whatsapp", "meta.whatsapp-business"} {
		every action in {"presence", "install", "update", "use", "connect"} {
			_raised == {"deny": {{"identified": 0, "phase": "whatsapp"}}} with input as _asked(action, _june, _laptop, product)
			_raised == {} with input as _asked(action, _june - 1, _laptop, product)
		}
	}
}

test_reviews_deepseek if {
	every product in {"deepseek.app", "deepseek.harness", "deepseek.other"} {
		_raised == {"review": {{"identified": 0, "phase": "deepseek", "detail": _reported}}} with input as _asked("use", _june, _laptop, product)
		_raised == {} with input as _asked("use", _june - 1, _laptop, product)
	}
}

test_is_silent_on_models_that_run_locally if {
	_raised == {} with input as _asked("use", _june, _laptop, "deepseek.models")
}

test_reviews_buying_and_handing_on if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "phase": "procurement-tiktok", "detail": _buying}}} with input as _asked(action, _december, _phone, "bytedance.tiktok")
		_raised == {"review": {{"identified": 0, "phase": "procurement-bytedance", "detail": _buying}}} with input as _asked(action, _august, _phone, "bytedance.capcut")
		_raised == {"review": {{"identified": 0, "phase": "procurement-whatsapp", "detail": _buying}}} with input as _asked(action, _june, _phone, "meta.whatsapp")
	}
}

test_reviews_buying_and_handing_on_and_not_one_nanosecond_before if {
	every action in {"acquire", "distribute"} {
		_raised == {} with input as _asked(action, _december - 1, _phone, "bytedance.tiktok")
		_raised == {} with input as _asked(action, _august - 1, _phone, "bytedance.capcut")
		_raised == {} with input as _asked(action, _june - 1, _phone, "meta.whatsapp")
	}
}

test_does_not_bind_an_agency if {
	_raised == {} with input as _asked("presence", _june, {"form_factor": "mobile", "owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]}}, "meta.whatsapp")
}

test_does_not_bind_a_personal_device if {
	_raised == {} with input as _asked("presence", _june, {"form_factor": "mobile", "owner": {"kind": "personal", "jurisdictions": ["US"], "sectors": ["us-house"]}}, "meta.whatsapp")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "whatsapp", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("presence", _june, {}, "meta.whatsapp")
}
