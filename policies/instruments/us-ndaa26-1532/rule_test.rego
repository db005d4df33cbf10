package restrictions.us_ndaa26_1532_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.us_ndaa26_1532 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_asked(action, now_ns, host, class) := fixture.asked(action, now_ns, host, [fixture.item("deepseek", class)])

_defense := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["defense"]}}

_contractor(purposes) := {
	"owner": {"kind": "contractor", "jurisdictions": ["US"], "sectors": ["defense"]},
	"purposes": purposes,
}

_enacted := fixture.at("2025-12-18T05:00:00Z")

_open := "the section is enacted and its dates of implementation are not verified"

test_reviews_from_the_enactment if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"review": {{"identified": 0, "detail": _open}}} with input as _asked(action, _enacted, _defense, "ai-assistant")
		_raised == {} with input as _asked(action, _enacted - 1, _defense, "ai-assistant")
	}
}

test_reviews_models_that_run_locally if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [named.doubt.model, _open])}}} with input as _asked("use", _enacted, _contractor(["contract-performance", "local-only"]), "ai-model")
}

test_reviews_what_performs_a_contract if {
	every purpose in {"contract-deliverables", "contract-required", "contract-performance", "government-delivery"} {
		_raised == {"review": {{"identified": 0, "detail": _open}}} with input as _asked("use", _enacted, _contractor([purpose]), "ai-assistant")
	}
}

test_does_not_concern_what_has_no_role_in_a_contract if {
	every purpose in {"non-contract", "private-use"} {
		_raised == {} with input as _asked("use", _enacted, _contractor([purpose]), "ai-assistant")
	}
}

test_asks_a_contractor_for_the_purposes if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _open}}} with input as _asked("use", _enacted, _contractor([]), "ai-assistant")
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _open}}} with input as _asked("use", _enacted, _contractor(["local-only"]), "ai-assistant")
}

test_does_not_bind_a_civilian_agency if {
	_raised == {} with input as _asked("use", _enacted, {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]}}, "ai-assistant")
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal"} {
		_raised == {} with input as _asked("use", _enacted, {"owner": {"kind": kind, "jurisdictions": ["US"]}}, "ai-assistant")
	}
}

test_does_not_bind_another_country if {
	_raised == {} with input as _asked("use", _enacted, {"owner": {"kind": "government", "jurisdictions": ["GB"], "sectors": ["defense"]}}, "ai-assistant")
}

test_does_not_concern_other_vendors if {
	_raised == {} with input as fixture.asked("use", _enacted, _defense, [fixture.item("tencent", "messenger")])
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors", "host.purposes"], "detail": _open}}} with input as _asked("use", _enacted, {}, "ai-assistant")
}
