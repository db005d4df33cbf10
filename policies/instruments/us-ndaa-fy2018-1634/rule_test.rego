package restrictions.us_ndaa_fy2018_1634_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.us_ndaa_fy2018_1634 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_federal := {"owner": {"kind": "government", "jurisdictions": ["US"]}}

_being_cleaned := object.union(_federal, {"purposes": ["remediation"]})

_starts := fixture.at("2018-10-01T04:00:00Z")

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_denies_from_the_first_nanosecond if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("use", _starts, _federal, "antivirus")
}

test_is_silent_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("use", _starts - 1, _federal, "antivirus")
}

test_denies_every_action if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky(action, _starts, _federal, "antivirus")
	}
}

test_denies_embedded_code if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.embedded("presence", _starts, _federal)
}

test_exempts_no_threat_intelligence if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _starts, _federal, "threat-intelligence")
}

test_denies_the_network_agent if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _starts, _federal, "management-agent")
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _starts, _federal, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("use", _starts, _being_cleaned, "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("use", _starts, _federal, "removal-tool")
}

test_reviews_the_removal_tool_on_another_device if {
	_raised == {"review": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("use", _starts, object.union(_federal, {"purposes": ["official-duty"]}), "removal-tool")
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("use", _starts, {"owner": {"kind": "business", "jurisdictions": ["US"]}}, "antivirus")
}

test_does_not_bind_a_state if {
	_raised == {} with input as fixture.kaspersky("use", _starts, {"owner": {"kind": "government", "jurisdictions": ["US-TX"]}}, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as fixture.kaspersky("presence", _starts, {}, "antivirus")
}

test_asks_for_the_kind_of_owner if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.kind"]}}} with input as fixture.kaspersky("presence", _starts, {"owner": {"jurisdictions": ["US"]}}, "antivirus")
}

test_ignores_other_vendors if {
	_raised == {} with input as fixture.asked("presence", _starts, _federal, [fixture.item("example", "antivirus")])
}
