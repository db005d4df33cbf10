package restrictions.us_far_52_204_23_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.us_far_52_204_23 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_contractor(purposes) := {
	"owner": {"kind": "contractor", "jurisdictions": ["US"], "contract_clauses": ["FAR 52.204-23"]},
	"purposes": purposes,
}

_effective := fixture.at("2018-07-16T04:00:00Z")

_prohibits := fixture.at("2018-10-01T04:00:00Z")

test_denies_what_develops_deliverables if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky(action, _prohibits, _contractor(["contract-deliverables"]), "antivirus")
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky(action, _prohibits - 1, _contractor(["contract-deliverables"]), "antivirus")
	}
}

test_warns_from_the_clause_on if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("use", _effective, _contractor(["contract-deliverables"]), "antivirus")
}

test_is_silent_one_nanosecond_before_the_clause if {
	_raised == {} with input as fixture.kaspersky("use", _effective - 1, _contractor(["contract-deliverables"]), "antivirus")
}

test_denies_providing_the_government if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("distribute", _prohibits, _contractor(["government-delivery"]), "antivirus")
}

test_warns_of_providing_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("distribute", _prohibits - 1, _contractor(["government-delivery"]), "antivirus")
}

test_asks_what_deliverables_are_handed_to if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"]}}} with input as fixture.kaspersky("distribute", _prohibits, _contractor(["contract-deliverables"]), "antivirus")
}

test_asks_about_other_purposes_under_the_contract if {
	every purpose in {"contract-required", "contract-performance", "government-delivery", "remediation"} {
		_raised == {"review": {{"identified": 0, "missing": ["host.purposes"]}}} with input as fixture.kaspersky("use", _prohibits, _contractor([purpose]), "antivirus")
	}
}

test_does_not_concern_what_has_no_role_in_a_contract if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {} with input as fixture.kaspersky(action, _prohibits, _contractor(["non-contract"]), "antivirus")
	}
}

test_denies_a_device_of_both_kinds if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("use", _prohibits, _contractor(["contract-deliverables", "non-contract"]), "antivirus")
}

test_asks_for_the_purposes if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"]}}} with input as fixture.kaspersky("presence", _prohibits, _contractor([]), "antivirus")
}

test_reviews_buying_for_deliverables if {
	_raised == {"review": {{"identified": 0, "detail": "the clause speaks of providing and using, not of buying; what is bought for either is a question for a person"}}} with input as fixture.kaspersky("acquire", _prohibits, _contractor(["contract-deliverables"]), "antivirus")
}

test_knows_the_clause_of_the_overhaul if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("use", _prohibits, {"owner": {"kind": "contractor", "contract_clauses": ["FAR 52.240-91"]}, "purposes": ["contract-deliverables"]}, "antivirus")
}

test_binds_the_personal_device_that_develops_deliverables if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("use", _prohibits, {"owner": {"kind": "personal", "contract_clauses": ["FAR 52.204-23"]}, "purposes": ["contract-deliverables"]}, "antivirus")
}

test_does_not_bind_under_other_clauses if {
	_raised == {} with input as fixture.kaspersky("use", _prohibits, {"owner": {"kind": "contractor", "contract_clauses": ["FAR 52.204-27"]}, "purposes": ["contract-deliverables"]}, "antivirus")
}

test_asks_a_contractor_for_its_clauses if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.contract_clauses"]}}} with input as _silent_contractor({"jurisdictions": ["US"]})
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.contract_clauses", "host.owner.jurisdictions"]}}} with input as _silent_contractor({})
}

test_does_not_ask_a_contractor_elsewhere_for_clauses if {
	_raised == {} with input as _silent_contractor({"jurisdictions": ["BR"]})
	_raised == {"deny": {{"identified": 0}}} with input as _silent_contractor({"jurisdictions": ["BR"], "contract_clauses": ["FAR 52.204-23"]})
}

_silent_contractor(facts) := fixture.kaspersky("use", _prohibits, {"owner": object.union({"kind": "contractor"}, facts), "purposes": ["contract-deliverables"]}, "antivirus")

test_does_not_ask_a_business_for_clauses if {
	_raised == {} with input as fixture.kaspersky("use", _prohibits, {"owner": {"kind": "business"}}, "antivirus")
}

test_does_not_bind_the_government if {
	_raised == {} with input as fixture.kaspersky("use", _prohibits, {"owner": {"kind": "government", "contract_clauses": ["FAR 52.204-23"]}, "purposes": ["contract-deliverables"]}, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.contract_clauses", "host.owner.jurisdictions", "host.owner.kind", "host.purposes"]}}} with input as fixture.kaspersky("presence", _prohibits, {}, "antivirus")
}

test_denies_embedded_components if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.embedded("use", _prohibits, _contractor(["contract-deliverables"]))
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("use", _prohibits, _contractor(["contract-deliverables"]), "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"}}} with input as fixture.kaspersky("use", _prohibits, _contractor(["contract-deliverables", "remediation"]), "removal-tool")
}
