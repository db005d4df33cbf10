package restrictions.eu_ep_2018_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.eu_ep_2018 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_institution := {"owner": {"kind": "government", "jurisdictions": ["EU"], "sectors": ["eu-commission"]}}

_adopted := fixture.at("2018-06-12T22:00:00Z")

test_warns_the_institutions if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("use", _adopted, _institution, "antivirus")
}

test_warns_the_institutions_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("use", _adopted - 1, _institution, "antivirus")
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as fixture.kaspersky("use", _adopted, {}, "antivirus")
}

test_does_not_address_a_member_state if {
	_raised == {} with input as fixture.kaspersky("use", _adopted, {"owner": {"kind": "government", "jurisdictions": ["FR"]}}, "antivirus")
}

test_does_not_address_a_business if {
	_raised == {} with input as fixture.kaspersky("use", _adopted, {"owner": {"kind": "business", "jurisdictions": ["EU"]}}, "antivirus")
}

test_says_that_a_library_is_doubtful if {
	_raised == {"warn": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("use", _adopted, _institution, "developer-library")
}
