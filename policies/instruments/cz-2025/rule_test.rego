package restrictions.cz_2025_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.cz_2025 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn, "exempt": rule.exempt}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("deepseek", "ai-assistant"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("deepseek.app")])

_model := object.union(fixture.item("deepseek", "ai-model"), {"product": "deepseek.models"})

_library := object.union(fixture.item("deepseek", "developer-library"), {"product": "deepseek.harness-sdk"})

_owner := {"kind": "government", "jurisdictions": ["CZ"], "sectors": ["public-administration"]}

_bound := {"owner": _owner}

_operator := {"owner": {"kind": "business", "jurisdictions": ["CZ"], "sectors": ["critical-infrastructure"]}}

_local := {"owner": _owner, "purposes": ["local-only"]}

_decided := fixture.at("2025-07-08T22:00:00Z")

_having := "the decision bars use; that it also bars having what is there is a reading"

_contact := "models that run locally with no contact to servers of DeepSeek are exempt, and nobody says that this one does"

_buying := "the decision bars use; that it also bars buying and handing on is a reading"

test_denies_what_is_barred if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "ban"}}} with input as _asked(action, _decided, _bound)
		_raised == {} with input as _asked(action, _decided - 1, _bound)
	}
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "phase": "stock", "detail": _having}}} with input as _asked("presence", _decided, _bound)
	_raised == {} with input as _asked("presence", _decided - 1, _bound)
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "phase": "procurement", "detail": _buying}}} with input as _asked(action, _decided, _bound)
		_raised == {} with input as _asked(action, _decided - 1, _bound)
	}
}

test_warns_critical_infrastructure if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"warn": {{"identified": 0, "phase": "warning"}}} with input as _asked(action, _decided, _operator)
		_raised == {} with input as _asked(action, _decided - 1, _operator)
	}
}

test_warns_public_bodies_that_are_no_administration if {
	_raised == {"warn": {{"identified": 0, "phase": "warning"}}} with input as _asked("use", _decided, {"owner": {"kind": "government", "jurisdictions": ["CZ"], "sectors": ["critical-infrastructure"]}})
	_raised == {"deny": {{"identified": 0, "phase": "ban"}}} with input as _asked("use", _decided, {"owner": {"kind": "government", "jurisdictions": ["CZ"], "sectors": ["critical-infrastructure", "public-administration"]}})
}

test_binds_every_public_administration if {
	every sector in {"public-administration", "central-government", "local-government"} {
		_raised == {"deny": {{"identified": 0, "phase": "ban"}}} with input as _asked("use", _decided, {"owner": {"kind": "government", "jurisdictions": ["CZ"], "sectors": [sector]}})
	}
}

test_exempts_models_without_contact_to_the_vendor if {
	_raised == {"exempt": {{
		"identified": 0,
		"message": "open-source models that run locally with no contact to servers of DeepSeek are exempt",
		"remediation": "Nothing needs to be done.",
	}}} with input as fixture.asked("use", _decided, _local, [_model])
}

test_exempts_nothing_before_the_decision if {
	_raised == {} with input as fixture.asked("use", _decided - 1, _local, [_model])
}

test_exempts_models_of_operators_too if {
	_raised == {"exempt": {{
		"identified": 0,
		"message": "open-source models that run locally with no contact to servers of DeepSeek are exempt",
		"remediation": "Nothing needs to be done.",
	}}} with input as fixture.asked("use", _decided, object.union(_operator, {"purposes": ["local-only"]}), [_model])
}

test_exempts_no_app if {
	_raised == {"deny": {{"identified": 0, "phase": "ban"}}} with input as _asked("use", _decided, _local)
}

test_asks_whether_models_have_contact_to_the_vendor if {
	_raised == {"review": {{"identified": 0, "phase": "ban", "missing": ["host.purposes"], "detail": _contact}}} with input as fixture.asked("use", _decided, _bound, [_model])
	_raised == {"review": {{"identified": 0, "phase": "stock", "missing": ["host.purposes"], "detail": concat("; ", [_contact, _having])}}} with input as fixture.asked("presence", _decided, _bound, [_model])
	_raised == {"warn": {{"identified": 0, "phase": "warning", "missing": ["host.purposes"], "detail": _contact}}} with input as fixture.asked("use", _decided, _operator, [_model])
}

test_never_denies_models if {
	_raised == {"review": {{"identified": 0, "phase": "ban", "detail": _contact}}} with input as fixture.asked("use", _decided, {"owner": _owner, "purposes": ["official-duty"]}, [_model])
}

test_denies_the_desktop_program if {
	_raised == {"deny": {{"identified": 0, "phase": "ban"}}} with input as fixture.asked("install", _decided, _bound, [_item("deepseek.harness")])
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "phase": "ban", "detail": named.doubt.library}}} with input as fixture.asked("use", _decided, _bound, [_library])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["CZ"]},
		{"kind": "business", "jurisdictions": ["CZ"]},
		{"kind": "government", "jurisdictions": ["CZ"], "sectors": ["parliament"]},
		{"kind": "government", "jurisdictions": ["SK"], "sectors": ["public-administration"]},
	] {
		_raised == {} with input as _asked("use", _decided, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "ban", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("use", _decided, {})
}
