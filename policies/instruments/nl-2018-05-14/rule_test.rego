package restrictions.nl_2018_05_14_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.nl_2018_05_14 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["NL"], "sectors": ["central-government"]}}

_letter := fixture.at("2018-05-13T22:00:00Z")

_no_end := "no end date was found, so that no instant separates late from in time"

test_denies_installing if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _letter, _bound, "antivirus")
}

test_denies_installing_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _letter - 1, _bound, "antivirus")
}

test_denies_buying if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _letter, _bound, "antivirus")
}

test_denies_buying_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _letter - 1, _bound, "antivirus")
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _no_end}}} with input as fixture.kaspersky("presence", _letter, _bound, "antivirus")
}

test_reviews_what_is_there_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _letter - 1, _bound, "antivirus")
}

test_does_not_cover_other_products if {
	every class in {"password-manager", "vpn", "management-agent", "threat-intelligence", "developer-library", "removal-tool"} {
		_raised == {} with input as fixture.kaspersky("install", _letter, _bound, class)
	}
}

test_reviews_what_may_be_antivirus if {
	every class in {"scanner", "security-software"} {
		_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.antivirus}}} with input as fixture.kaspersky("install", _letter, _bound, class)
	}
}

test_reviews_an_engine_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.antivirus}}} with input as fixture.embedded("install", _letter, _bound)
}

test_advises_vital_sectors if {
	_raised == {"warn": {{"identified": 0, "detail": "vital sectors are advised to phase the software out, and not obliged"}}} with input as fixture.kaspersky("install", _letter, {"owner": {"kind": "business", "jurisdictions": ["NL"], "sectors": ["critical-infrastructure"]}}, "antivirus")
}

test_does_not_bind_an_ordinary_firm if {
	_raised == {} with input as fixture.kaspersky("install", _letter, {"owner": {"kind": "business", "jurisdictions": ["NL"]}}, "antivirus")
}

test_does_not_bind_local_government if {
	_raised == {} with input as fixture.kaspersky("install", _letter, {"owner": {"kind": "government", "jurisdictions": ["NL"], "sectors": ["local-government"]}}, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("install", _letter, {}, "antivirus")
}
