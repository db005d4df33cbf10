package restrictions.us_bis_icts_2021_002_test

import data.lib.fixture_test as fixture
import data.restrictions.us_bis_icts_2021_002 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn, "exempt": rule.exempt}
	count(entries) > 0
}

_us_person := {"owner": {"kind": "business", "jurisdictions": ["US"], "us_person": true}}

_abroad := {"owner": {"kind": "personal", "jurisdictions": ["DE"], "us_person": true}}

_foreign := {"owner": {"kind": "business", "jurisdictions": ["JP"], "us_person": false}}

_unknown := {"owner": {"kind": "business", "jurisdictions": ["DE"]}}

_published := fixture.at("2024-06-24T04:00:00Z")

_first := fixture.at("2024-07-20T04:00:00Z")

_second := fixture.at("2024-09-29T04:00:00Z")

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_warns_of_every_action_from_publication if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky(action, _published, _us_person, "antivirus")
		_raised == {} with input as fixture.kaspersky(action, _published - 1, _us_person, "antivirus")
	}
}

test_denies_new_agreements_from_the_first_date if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _first, _us_person, "antivirus")
}

test_warns_of_agreements_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _first - 1, _us_person, "antivirus")
}

test_denies_what_the_vendor_does_from_the_second_date if {
	every action in {"update", "connect", "distribute"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky(action, _second, _us_person, "antivirus")
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky(action, _second - 1, _us_person, "antivirus")
	}
}

test_never_denies_what_a_user_does if {
	every action in {"presence", "install", "use"} {
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky(action, _second, _us_person, "antivirus")
	}
}

test_binds_a_us_person_abroad if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _first, _abroad, "antivirus")
}

test_is_silent_on_others if {
	_raised == {} with input as fixture.kaspersky("acquire", _second, _foreign, "antivirus")
}

test_asks_whether_the_owner_is_a_us_person if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.us_person"]}}} with input as fixture.kaspersky("acquire", _first, _unknown, "antivirus")
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.us_person"]}}} with input as fixture.kaspersky("presence", _second, {}, "antivirus")
}

test_asks_where_the_cloud_is_operated_for_others if {
	_raised == {"review": {{"identified": 0, "detail": "the owner is no U.S. person, but the network may not be operated in the United States either; where the device runs is a question for a person"}}} with input as fixture.kaspersky("connect", _second, {"owner": {"jurisdictions": ["US"], "us_person": false}}, "antivirus")
}

test_lets_others_connect_elsewhere if {
	_raised == {} with input as fixture.kaspersky("connect", _second, _foreign, "antivirus")
}

test_exempts_information if {
	every class in {"threat-intelligence", "training"} {
		_raised == {"exempt": {{
			"identified": 0,
			"message": "threat intelligence, training and purely informational services of Kaspersky are exempt from the determination",
			"remediation": "Nothing needs to be done.",
		}}} with input as fixture.kaspersky("acquire", _first, _us_person, class)
	}
}

test_exempts_nobody_who_is_not_bound if {
	_raised == {} with input as fixture.kaspersky("acquire", _first, _foreign, "threat-intelligence")
}

test_is_silent_on_developer_libraries if {
	_raised == {} with input as fixture.kaspersky("distribute", _second, _us_person, "developer-library")
}

test_denies_integration_from_the_second_date if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.embedded("distribute", _second, _us_person)
}

test_warns_of_integration_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.embedded("distribute", _second - 1, _us_person)
}

test_reviews_buying_a_product_with_an_engine_inside if {
	_raised == {"review": {{"identified": 0, "detail": "the agreement is with the maker of the product that it is embedded in; that maker may no longer integrate it for U.S. persons from 2024-09-29T04:00:00Z on"}}} with input as fixture.embedded("acquire", _first, _us_person)
}

test_warns_of_the_removal_tool if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("use", _second, _us_person, "removal-tool")
}

test_asks_what_a_new_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("update", _second, _us_person, "removal-tool")
}
