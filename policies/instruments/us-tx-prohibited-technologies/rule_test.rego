package restrictions.us_tx_prohibited_technologies_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.us_tx_prohibited_technologies as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["US-TX"], "sectors": ["state-agency"]}}

_local := {"owner": {"kind": "government", "jurisdictions": ["US-TX"], "sectors": ["local-government"]}}

_ordered := fixture.at("2022-12-07T06:00:00Z")

_policies := fixture.at("2024-11-20T06:00:00Z")

_listed := "the order is of 7 December 2022; since when its list names Kaspersky is not verified"

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_warns_from_the_order if {
	_raised == {"warn": {{"identified": 0, "detail": _listed}}} with input as fixture.kaspersky("presence", _ordered, _bound, "antivirus")
}

test_warns_from_the_order_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _ordered - 1, _bound, "antivirus")
}

test_denies_when_policies_are_due if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _policies, _bound, "antivirus")
}

test_denies_when_policies_are_due_and_not_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0, "detail": _listed}}} with input as fixture.kaspersky("presence", _policies - 1, _bound, "antivirus")
}

test_reviews_procurement if {
	_raised == {"review": {{"identified": 0, "detail": "the list concerns devices; that it also bars buying and handing on is a reading"}}} with input as fixture.kaspersky("acquire", _policies, _bound, "antivirus")
}

test_reviews_procurement_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _policies - 1, _bound, "antivirus")
}

test_binds_local_government if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _policies, _local, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("presence", _policies, {}, "antivirus")
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("presence", _policies, {"owner": {"kind": "business", "jurisdictions": ["US", "US-TX"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.embedded}}} with input as fixture.embedded("presence", _policies, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _policies, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("presence", _policies, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("presence", _policies, _bound, "removal-tool")
}
