package restrictions.kr_pipc_test

import data.lib.fixture_test as fixture
import data.restrictions.kr_pipc as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_bound := {"owner": {"kind": "personal", "jurisdictions": ["KR"]}}

_suspended := fixture.at("2025-02-15T09:00:00Z")

_resumed := fixture.at("2025-04-27T15:00:00Z")

_said := "downloads are said to have resumed on 28 April 2025, which nobody looked up"

test_warns_of_new_installations if {
	every action in {"install"} {
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _suspended, _bound)
		_raised == {} with input as _asked(action, _suspended - 1, _bound)
	}
}

test_says_that_downloads_may_have_resumed if {
	every action in {"install"} {
		_raised == {"warn": {{"identified": 0, "detail": _said}}} with input as _asked(action, _resumed, _bound)
		_raised == {"warn": {{"identified": 0}}} with input as _asked(action, _resumed - 1, _bound)
	}
}

test_is_silent_on_what_is_there if {
	every action in {"presence", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {} with input as _asked(action, _suspended, _bound)
	}
}

test_is_silent_on_the_desktop_program if {
	_raised == {} with input as fixture.asked("install", _suspended, _bound, [_item("deepseek.harness")])
}

test_does_not_concern_other_countries if {
	_raised == {} with input as _asked("install", _suspended, {"owner": {"kind": "personal", "jurisdictions": ["JP"]}})
}

test_asks_for_a_jurisdiction_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions"]}}} with input as _asked("install", _suspended, {})
}
