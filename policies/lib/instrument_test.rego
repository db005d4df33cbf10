package lib.instrument_test

import data.lib.instrument
import data.lib.verdict

_data := {"x": {
	"scope": {"jurisdictions": ["AA"], "owner_kinds": ["government"]},
	"phases": [
		{"id": "early", "from_ns": 10, "actions": ["use", "install"], "effect": "warn", "provenance": "recalled", "note": "nobody looked it up"},
		{"id": "late", "from_ns": 20, "until_ns": 30, "actions": ["use"], "effect": "deny", "provenance": "verified-primary", "note": "in the text"},
	],
}}

_effect(action, now_ns) := effect if {
	effect := instrument.effect("x") with data.instruments as _data with input as {"action": action, "now_ns": now_ns}
} else := "none"

test_phases_are_half_open if {
	[_effect("use", at) | some at in [9, 10, 19, 20, 29, 30]] == ["none", "warn", "warn", "deny", "deny", "warn"]
}

test_phases_are_for_their_actions if {
	[_effect(action, 20) | some action in ["use", "install", "acquire"]] == ["deny", "warn", "none"]
}

test_an_answer_says_what_nobody_verified if {
	answer := instrument.answer("x", verdict.yes) with data.instruments as _data with input as {"action": "use", "now_ns": 10}
	answer == {"effect": "warn", "missing": [], "detail": "nobody looked it up"}
}

test_an_answer_says_what_is_missing if {
	answer := instrument.answer("x", verdict.unknown("host.purposes")) with data.instruments as _data with input as {"action": "use", "now_ns": 20}
	answer == {"effect": "review", "missing": ["host.purposes"], "detail": ""}
}

test_an_answer_by_named_phases_names_its_phase if {
	answer := instrument.answer_by("x", {"early"}, verdict.yes) with data.instruments as _data with input as {"action": "use", "now_ns": 20}
	answer == {"effect": "warn", "missing": [], "detail": "nobody looked it up", "phase": "early"}
}

test_the_scope_is_read_from_the_data if {
	bound := [verdict_of |
		some owner in [
			{"kind": "government", "jurisdictions": ["AA"]},
			{"kind": "business"},
			{"jurisdictions": ["AA"]},
		]
		verdict_of := instrument.bound("x") with data.instruments as _data with input as {"host": {"owner": owner}}
	]
	bound == [verdict.yes, verdict.no, verdict.unknown("host.owner.kind")]
}

test_without_a_scope_everybody_can_be_bound if {
	instrument.bound("y") == verdict.yes with data.instruments as {"y": {"phases": []}} with input as {"host": {}}
}
