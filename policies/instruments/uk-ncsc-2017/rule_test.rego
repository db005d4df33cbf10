package restrictions.uk_ncsc_2017_test

import data.lib.fixture_test as fixture
import data.restrictions.uk_ncsc_2017 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_department := {"owner": {"kind": "government", "jurisdictions": ["GB"], "sectors": ["central-government"]}}

_sent := fixture.at("2017-12-01T00:00:00Z")

_classified := "the advice is for systems that handle information at SECRET and above, and for some at OFFICIAL; facts do not tell the classification"

test_warns_a_department if {
	_raised == {"warn": {{"identified": 0, "detail": _classified}}} with input as fixture.kaspersky("use", _sent, _department, "antivirus")
}

test_warns_a_department_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("use", _sent - 1, _department, "antivirus")
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"], "detail": _classified}}} with input as fixture.kaspersky("use", _sent, {}, "antivirus")
}

test_does_not_address_local_government if {
	_raised == {} with input as fixture.kaspersky("use", _sent, {"owner": {"kind": "government", "jurisdictions": ["GB"], "sectors": ["local-government"]}}, "antivirus")
}

test_does_not_address_a_personal_laptop if {
	_raised == {} with input as fixture.kaspersky("use", _sent, {"owner": {"kind": "personal", "jurisdictions": ["GB"]}}, "antivirus")
}

test_is_silent_on_other_products if {
	_raised == {} with input as fixture.kaspersky("use", _sent, _department, "vpn")
}
