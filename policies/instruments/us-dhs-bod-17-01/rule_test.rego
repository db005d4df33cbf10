package restrictions.us_dhs_bod_17_01_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.us_dhs_bod_17_01 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn, "exempt": rule.exempt}
	count(entries) > 0
}

_civilian := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]}}

_issued := fixture.at("2017-09-13T04:00:00Z")

_day_90 := fixture.at("2017-12-12T05:00:00Z")

_defense := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["defense"]}}

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_warns_from_the_issue if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("presence", _issued, _civilian, "antivirus")
}

test_is_silent_one_nanosecond_before_the_issue if {
	_raised == {} with input as fixture.kaspersky("presence", _issued - 1, _civilian, "antivirus")
}

test_denies_from_day_90 if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _day_90, _civilian, "antivirus")
}

test_warns_one_nanosecond_before_day_90 if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("presence", _day_90 - 1, _civilian, "antivirus")
}

test_reviews_procurement_from_day_90 if {
	_raised == {"review": {{"identified": 0, "detail": "the directive speaks of removal; that it also keeps an agency from buying or handing on is a reading"}}} with input as fixture.kaspersky("acquire", _day_90, _civilian, "antivirus")
}

test_warns_of_procurement_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _day_90 - 1, _civilian, "antivirus")
}

test_does_not_bind_a_national_security_system if {
	_raised == {} with input as fixture.kaspersky("presence", _day_90, {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["defense", "national-security-system"]}}, "antivirus")
}

test_does_not_bind_the_house if {
	_raised == {} with input as fixture.kaspersky("presence", _day_90, {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["parliament", "us-house"]}}, "antivirus")
}

test_asks_about_defense if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.sectors"]}}} with input as fixture.kaspersky("presence", _day_90, _defense, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("presence", _day_90, {}, "antivirus")
}

test_exempts_embedded_code if {
	_raised == {"exempt": {{
		"identified": 0,
		"message": "code embedded in products of other companies is exempt from the directive",
		"remediation": "Nothing needs to be done.",
	}}} with input as fixture.embedded("presence", _day_90, _civilian)
}

test_exempts_information if {
	every class in {"threat-intelligence", "training"} {
		_raised == {"exempt": {{
			"identified": 0,
			"message": "Kaspersky Threat Intelligence and Kaspersky Security Training are exempt from the directive",
			"remediation": "Nothing needs to be done.",
		}}} with input as fixture.kaspersky("use", _day_90, _civilian, class)
	}
}

test_exempts_nothing_before_the_issue if {
	_raised == {} with input as fixture.embedded("presence", _issued - 1, _civilian)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _day_90, _civilian, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("use", _day_90, object.union(_civilian, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("use", _day_90, _civilian, "removal-tool")
}
