package restrictions.uk_ncsc_2022_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.uk_ncsc_2022 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_department := {"owner": {"kind": "government", "jurisdictions": ["GB"], "sectors": ["central-government"]}}

_published := fixture.at("2022-03-28T23:00:00Z")

_day := "the end of March 2022 is verified, its 29th day is recalled"

test_warns_the_public_sector if {
	_raised == {"warn": {{"identified": 0, "detail": _day}}} with input as fixture.kaspersky("use", _published, _department, "antivirus")
}

test_warns_the_public_sector_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("use", _published - 1, _department, "antivirus")
}

test_warns_critical_infrastructure if {
	_raised == {"warn": {{"identified": 0, "detail": _day}}} with input as fixture.kaspersky("use", _published, {"owner": {"kind": "business", "jurisdictions": ["GB"], "sectors": ["critical-infrastructure"]}}, "antivirus")
}

test_does_not_address_an_ordinary_firm if {
	_raised == {} with input as fixture.kaspersky("use", _published, {"owner": {"kind": "business", "jurisdictions": ["GB"]}}, "antivirus")
}

test_does_not_address_a_personal_laptop if {
	_raised == {} with input as fixture.kaspersky("use", _published, {"owner": {"kind": "personal", "jurisdictions": ["GB"]}}, "antivirus")
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"], "detail": _day}}} with input as fixture.kaspersky("use", _published, {}, "antivirus")
}

test_says_that_embedded_code_is_doubtful if {
	_raised == {"warn": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.embedded, _day])}}} with input as fixture.embedded("use", _published, _department)
}
