package restrictions.us_far_52_204_27_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.us_far_52_204_27 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("bytedance.tiktok")])

_under(kind, clauses, purposes) := {
	"owner": {"kind": kind, "jurisdictions": ["US"], "contract_clauses": clauses},
	"purposes": purposes,
}

_contractor(purposes) := _under("contractor", ["FAR 52.204-27"], purposes)

_effective := fixture.at("2023-06-02T04:00:00Z")

_disputed := "law firms disagree on whether the clause reaches a device that is used for the contract and not required by it"

_buying := "the clause speaks of having and using; that it also bars buying and handing on is a reading"

test_denies_what_the_contract_requires if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked(action, _effective, _contractor(["contract-required"]))
		_raised == {} with input as _asked(action, _effective - 1, _contractor(["contract-required"]))
	}
}

test_denies_what_is_handed_over if {
	_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked("presence", _effective, _contractor(["government-delivery"]))
}

test_denies_equipment_of_employees_that_is_required if {
	_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked("presence", _effective, _under("personal", ["FAR 52.204-27"], ["contract-required"]))
}

test_denies_a_device_of_both_kinds if {
	_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked("presence", _effective, _contractor(["contract-performance", "contract-required"]))
}

test_reviews_elective_devices if {
	every purpose in {"contract-performance", "contract-deliverables"} {
		every kind in {"contractor", "business", "personal"} {
			_raised == {"review": {{"identified": 0, "phase": "elective", "detail": _disputed}}} with input as _asked("presence", _effective, _under(kind, ["FAR 52.204-27"], [purpose]))
			_raised == {} with input as _asked("presence", _effective - 1, _under(kind, ["FAR 52.204-27"], [purpose]))
		}
	}
}

test_reviews_buying_and_handing_on if {
	every purpose in {"contract-required", "contract-performance"} {
		every action in {"acquire", "distribute"} {
			_raised == {"review": {{"identified": 0, "phase": "procurement", "detail": _buying}}} with input as _asked(action, _effective, _contractor([purpose]))
			_raised == {} with input as _asked(action, _effective - 1, _contractor([purpose]))
		}
	}
}

test_denies_providing_the_government if {
	_raised == {"deny": {{"identified": 0, "phase": "provision"}}} with input as _asked("distribute", _effective, _contractor(["government-delivery"]))
	_raised == {} with input as _asked("distribute", _effective - 1, _contractor(["government-delivery"]))
}

test_asks_what_is_handed_on_for if {
	_raised == {"review": {{"identified": 0, "phase": "provision", "missing": ["host.purposes"]}}} with input as _asked("distribute", _effective, _contractor([]))
}

test_does_not_concern_what_has_no_role_in_a_contract if {
	every purpose in {"non-contract", "private-use"} {
		_raised == {} with input as _asked("presence", _effective, _contractor([purpose]))
	}
}

test_asks_for_the_purposes if {
	_raised == {"review": {{"identified": 0, "phase": "required", "missing": ["host.purposes"]}}} with input as _asked("presence", _effective, _contractor([]))
	_raised == {"review": {{"identified": 0, "phase": "required", "missing": ["host.purposes"]}}} with input as _asked("presence", _effective, _contractor(["employer-apps"]))
}

test_knows_the_clause_of_the_overhaul if {
	_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked("presence", _effective, _under("contractor", ["FAR 52.240-91"], ["contract-required"]))
}

test_does_not_bind_under_other_clauses if {
	_raised == {} with input as _asked("presence", _effective, _under("contractor", ["FAR 52.204-23"], ["contract-required"]))
}

test_asks_a_contractor_for_its_clauses if {
	_raised == {"review": {{"identified": 0, "phase": "required", "missing": ["host.owner.contract_clauses"]}}} with input as _asked("presence", _effective, _under("contractor", [], ["contract-required"]))
}

test_does_not_ask_a_contractor_elsewhere_for_clauses if {
	_raised == {} with input as _asked("presence", _effective, {"owner": {"kind": "contractor", "jurisdictions": ["BR"]}, "purposes": ["contract-required"]})
	_raised == {"deny": {{"identified": 0, "phase": "required"}}} with input as _asked("presence", _effective, {"owner": {"kind": "contractor", "jurisdictions": ["BR"], "contract_clauses": ["FAR 52.204-27"]}, "purposes": ["contract-required"]})
}

test_does_not_ask_private_owners_for_clauses if {
	every kind in {"business", "personal"} {
		_raised == {} with input as _asked("presence", _effective, {"owner": {"kind": kind, "jurisdictions": ["US"]}})
	}
}

test_does_not_bind_the_government if {
	_raised == {} with input as _asked("presence", _effective, _under("government", ["FAR 52.204-27"], ["contract-required"]))
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "required", "missing": ["host.owner.contract_clauses", "host.owner.jurisdictions", "host.owner.kind", "host.purposes"]}}} with input as _asked("presence", _effective, {})
}

test_does_not_concern_other_applications if {
	every product in {"bytedance.capcut", "bytedance.lemon8", "bytedance.douyin"} {
		_raised == {} with input as fixture.asked("presence", _effective, _contractor(["contract-required"]), [_item(product)])
	}
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "phase": "required", "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _effective, _contractor(["contract-required"]), [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example Launcher"}})])
}
