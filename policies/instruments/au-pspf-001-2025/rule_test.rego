package restrictions.au_pspf_001_2025_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.au_pspf_001_2025 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn, "exempt": rule.exempt}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_model := object.union(fixture.item("deepseek", "ai-model"), {"product": "deepseek.models"})

_library := object.union(fixture.item("deepseek", "developer-library"), {"product": "deepseek.harness-sdk"})

_owner := {"kind": "government", "jurisdictions": ["AU"], "sectors": ["non-corporate-commonwealth-entity"]}

_bound := {"owner": _owner}

_signed := fixture.at("2025-02-03T13:00:00Z")

_undated := "no date for the removal of what is there was found, so that no instant separates late from in time"

_buying := "the direction speaks of access, use, installing and removing; that it also bars buying and handing on is a reading"

test_denies_use_from_the_signing if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _signed, _bound)
		_raised == {} with input as _asked(action, _signed - 1, _bound)
	}
}

test_reviews_what_is_there if {
	every action in {"presence"} {
		_raised == {"review": {{"identified": 0, "detail": _undated}}} with input as _asked(action, _signed, _bound)
		_raised == {} with input as _asked(action, _signed - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _signed, _bound)
		_raised == {} with input as _asked(action, _signed - 1, _bound)
	}
}

test_denies_the_desktop_program if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("install", _signed, _bound, [_item("deepseek.harness")])
}

test_exempts_models_on_local_servers if {
	_raised == {"exempt": {{
		"identified": 0,
		"message": "weights of models that run on local servers are not restricted by the direction",
		"detail": "one secondary report alone says so",
		"remediation": "Nothing needs to be done.",
	}}} with input as fixture.asked("use", _signed, {"owner": _owner, "purposes": ["local-only"]}, [_model])
}

test_exempts_nothing_before_the_signing if {
	_raised == {} with input as fixture.asked("use", _signed - 1, {"owner": _owner, "purposes": ["local-only"]}, [_model])
}

test_exempts_no_app_on_a_local_server if {
	_raised == {"deny": {{"identified": 0}}} with input as _asked("use", _signed, {"owner": _owner, "purposes": ["local-only"]})
}

test_asks_whether_models_run_without_the_vendor if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": named.doubt.model}}} with input as fixture.asked("use", _signed, _bound, [_model])
}

test_reviews_models_that_may_have_contact_to_the_vendor if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.model}}} with input as fixture.asked("use", _signed, {"owner": _owner, "purposes": ["official-duty"]}, [_model])
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.library}}} with input as fixture.asked("use", _signed, _bound, [_library])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["AU"]},
		{"kind": "business", "jurisdictions": ["AU"]},
		{"kind": "government", "jurisdictions": ["AU"], "sectors": ["public-administration"]},
		{"kind": "government", "jurisdictions": ["AU-VIC"], "sectors": ["state-agency"]},
	] {
		_raised == {} with input as _asked("use", _signed, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("use", _signed, {})
}
