package restrictions.au_qld_deepseek_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.au_qld_deepseek as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_model := object.union(fixture.item("deepseek", "ai-model"), {"product": "deepseek.models"})

_library := object.union(fixture.item("deepseek", "developer-library"), {"product": "deepseek.harness-sdk"})

_owner := {"kind": "government", "jurisdictions": ["AU-QLD"], "sectors": ["state-agency"]}

_bound := {"owner": _owner}

_undated := "no date for the removal of what is there was found, so that no instant separates late from in time"

_buying := "the measure speaks of installing and using; that it also bars buying and handing on is a reading"

_month := fixture.at("2025-01-31T14:00:00Z")

_month_over := fixture.at("2025-02-28T14:00:00Z")

_day := "the day in February 2025 from which it is barred is not verified"

test_reviews_use_during_the_month if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _month, _bound)
		_raised == {} with input as _asked(action, _month - 1, _bound)
	}
}

test_denies_use_after_the_month if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _month_over, _bound)
		_raised == {"review": {{"identified": 0, "detail": _day}}} with input as _asked(action, _month_over - 1, _bound)
	}
}

test_reviews_what_is_there if {
	every action in {"presence"} {
		_raised == {"review": {{"identified": 0, "detail": _undated}}} with input as _asked(action, _month, _bound)
		_raised == {} with input as _asked(action, _month - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _month, _bound)
		_raised == {} with input as _asked(action, _month - 1, _bound)
	}
}

test_denies_the_desktop_program if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("install", _month_over, _bound, [_item("deepseek.harness")])
}

test_reviews_weights_of_models if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.model}}} with input as fixture.asked("use", _month_over, _bound, [_model])
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.library}}} with input as fixture.asked("use", _month_over, _bound, [_library])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["AU-QLD"], "sectors": ["state-agency"]},
		{"kind": "personal", "jurisdictions": ["AU-QLD"]},
		{"kind": "business", "jurisdictions": ["AU-QLD"]},
		{"kind": "government", "jurisdictions": ["AU-QLD"], "sectors": ["local-government"]},
		{"kind": "government", "jurisdictions": ["AU"], "sectors": ["non-corporate-commonwealth-entity"]},
		{"kind": "government", "jurisdictions": ["AU-VIC"], "sectors": ["state-agency"]},
	] {
		_raised == {} with input as _asked("use", _month_over, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("use", _month_over, {})
}
