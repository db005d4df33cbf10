package restrictions.us_ia_deepseek_2025_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.us_ia_deepseek_2025 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_asked(action, now_ns, host, class) := fixture.asked(action, now_ns, host, [fixture.item("deepseek", class)])

_owned(kind, jurisdictions, sectors) := {"owner": {"kind": kind, "jurisdictions": jurisdictions, "sectors": sectors}}

_agency := _owned("government", ["US-IA"], ["state-agency"])

_issued := fixture.at("2025-02-19T06:00:00Z")

_no_deadline := "no deadline was found for what is there already, so that no instant separates late from in time"

_buying := "the ban speaks of devices; that it also bars buying and handing on is a reading"

test_denies_what_is_plainly_barred if {
	every action in {"install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _issued, _agency, "ai-assistant")
		_raised == {} with input as _asked(action, _issued - 1, _agency, "ai-assistant")
	}
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _no_deadline}}} with input as _asked("presence", _issued, _agency, "ai-assistant")
	_raised == {} with input as _asked("presence", _issued - 1, _agency, "ai-assistant")
}

test_reviews_buying_and_handing_on if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _issued, _agency, "ai-assistant")
		_raised == {} with input as _asked(action, _issued - 1, _agency, "ai-assistant")
	}
}

test_reviews_models_that_run_locally if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.model}}} with input as _asked("install", _issued, _agency, "ai-model")
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.library}}} with input as _asked("install", _issued, _agency, "developer-library")
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("install", _issued, _agency, [object.union(fixture.item("deepseek", "ai-assistant"), {"software": {"embedded_in": "Example Editor"}})])
}

test_does_not_concern_other_vendors if {
	_raised == {} with input as fixture.asked("install", _issued, _agency, [fixture.item("tencent", "messenger")])
}

test_does_not_bind_another_state if {
	_raised == {} with input as _asked("install", _issued, _owned("government", ["US-NY"], ["state-agency"]), "ai-assistant")
}

test_does_not_bind_local_government if {
	_raised == {} with input as _asked("install", _issued, _owned("government", ["US-IA"], ["local-government"]), "ai-assistant")
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal", "contractor"} {
		_raised == {} with input as _asked("install", _issued, {"owner": {"kind": kind, "jurisdictions": ["US", "US-IA"]}}, "ai-assistant")
	}
}

test_asks_for_the_sector if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.sectors"]}}} with input as _asked("install", _issued, {"owner": {"kind": "government", "jurisdictions": ["US-IA"]}}, "ai-assistant")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("install", _issued, {}, "ai-assistant")
}
