package restrictions.au_sa_sacsf_ruling_4_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.au_sa_sacsf_ruling_4 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_model := object.union(fixture.item("deepseek", "ai-model"), {"product": "deepseek.models"})

_library := object.union(fixture.item("deepseek", "developer-library"), {"product": "deepseek.harness-sdk"})

_owner := {"kind": "government", "jurisdictions": ["AU-SA"], "sectors": ["state-agency"]}

_bound := {"owner": _owner}

_undated := "no date for the removal of what is there was found, so that no instant separates late from in time"

_buying := "the measure speaks of installing and using; that it also bars buying and handing on is a reading"

_effective := fixture.at("2025-02-04T13:30:00Z")

test_denies_use if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "use"}}} with input as _asked(action, _effective, _bound)
		_raised == {} with input as _asked(action, _effective - 1, _bound)
	}
}

test_reviews_what_is_there if {
	every action in {"presence"} {
		_raised == {"review": {{"identified": 0, "phase": "removal", "detail": _undated}}} with input as _asked(action, _effective, _bound)
		_raised == {} with input as _asked(action, _effective - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "phase": "procurement", "detail": _buying}}} with input as _asked(action, _effective, _bound)
		_raised == {} with input as _asked(action, _effective - 1, _bound)
	}
}

test_denies_the_desktop_program if {
	_raised == {"deny": {{"identified": 0, "phase": "use"}}} with input as fixture.asked("install", _effective, _bound, [_item("deepseek.harness")])
}

test_reviews_weights_of_models if {
	_raised == {"review": {{"identified": 0, "phase": "use", "detail": named.doubt.model}}} with input as fixture.asked("use", _effective, _bound, [_model])
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "phase": "use", "detail": named.doubt.library}}} with input as fixture.asked("use", _effective, _bound, [_library])
}

test_warns_of_personal_devices_that_are_used_for_work if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"warn": {{"identified": 0, "phase": "own-devices"}}} with input as _asked(action, _effective, {"owner": {"kind": "personal", "jurisdictions": ["AU-SA"], "sectors": ["state-agency"]}, "purposes": ["employer-apps"]})
		_raised == {} with input as _asked(action, _effective - 1, {"owner": {"kind": "personal", "jurisdictions": ["AU-SA"], "sectors": ["state-agency"]}, "purposes": ["employer-apps"]})
	}
}

test_excludes_other_personal_devices if {
	every host in {{"owner": {"kind": "personal", "jurisdictions": ["AU-SA"], "sectors": ["state-agency"]}}, {"owner": {"kind": "personal", "jurisdictions": ["AU-SA"], "sectors": ["state-agency"]}, "purposes": ["private-use"]}} {
		_raised == {} with input as _asked("use", _effective, host)
	}
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["AU-SA"]},
		{"kind": "business", "jurisdictions": ["AU-SA"]},
		{"kind": "government", "jurisdictions": ["AU-SA"], "sectors": ["local-government"]},
		{"kind": "government", "jurisdictions": ["AU"], "sectors": ["non-corporate-commonwealth-entity"]},
		{"kind": "government", "jurisdictions": ["AU-VIC"], "sectors": ["state-agency"]},
	] {
		_raised == {} with input as _asked("use", _effective, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "use", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("use", _effective, {})
}
