package restrictions.us_889_test

import data.lib.fixture_test as fixture
import data.restrictions.us_889 as rule

_asked(action, now_ns, host, vendor) := fixture.asked(action, now_ns, host, [fixture.item(vendor, "camera-client")])

_owned(kind) := {"owner": {"kind": kind, "jurisdictions": ["US"]}}

_part_a := fixture.at("2019-08-13T04:00:00Z")

_part_b := fixture.at("2020-08-13T04:00:00Z")

_procure := "software for cameras of this maker is evidence of equipment that an agency may not procure, and no more than that"

_contract := "software for cameras of this maker is evidence of equipment with whose users an agency may not contract, and no more than that"

test_warns_agencies_from_part_a if {
	every vendor in {"hikvision", "dahua"} {
		every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
			rule.warn == {{"identified": 0, "phase": "part-a", "detail": _procure}} with input as _asked(action, _part_a, _owned("government"), vendor)
			rule.warn == set() with input as _asked(action, _part_a - 1, _owned("government"), vendor)
		}
	}
}

test_warns_contractors_from_part_b if {
	every vendor in {"hikvision", "dahua"} {
		rule.warn == {{"identified": 0, "phase": "part-b", "detail": _contract}} with input as _asked("presence", _part_b, _owned("contractor"), vendor)
		rule.warn == set() with input as _asked("presence", _part_b - 1, _owned("contractor"), vendor)
	}
}

test_does_not_concern_other_vendors if {
	rule.warn == set() with input as _asked("presence", _part_b, _owned("government"), "zoom")
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal"} {
		rule.warn == set() with input as _asked("presence", _part_b, _owned(kind), "hikvision")
	}
}

test_does_not_bind_a_state if {
	rule.warn == set() with input as _asked("presence", _part_b, {"owner": {"kind": "government", "jurisdictions": ["US-TX"]}}, "hikvision")
}

test_asks_for_an_owner_that_is_not_told if {
	rule.warn == {
		{"identified": 0, "phase": "part-a", "missing": ["host.owner.jurisdictions", "host.owner.kind"], "detail": _procure},
		{"identified": 0, "phase": "part-b", "missing": ["host.owner.jurisdictions", "host.owner.kind"], "detail": _contract},
	} with input as _asked("presence", _part_b, {}, "hikvision")
}
