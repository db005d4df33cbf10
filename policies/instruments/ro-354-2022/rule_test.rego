package restrictions.ro_354_2022_test

import data.lib.fixture_test as fixture
import data.restrictions.ro_354_2022 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["RO"]}}

_published := fixture.at("2022-12-13T22:00:00Z")

_earliest := fixture.at("2023-02-11T22:00:00Z")

_latest := fixture.at("2023-03-31T21:00:00Z")

_readings := "60 days after publication, the earliest reading of a deadline on which sources differ"

_kind := "whether this is among the kinds of product that the law lists is a matter of interpretation"

test_warns_from_publication if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _published, _bound, "antivirus")
}

test_warns_from_publication_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _published - 1, _bound, "antivirus")
}

test_reviews_from_the_earliest_deadline if {
	_raised == {"review": {{"identified": 0, "detail": _readings}}} with input as fixture.kaspersky("acquire", _earliest, _bound, "antivirus")
}

test_reviews_from_the_earliest_deadline_and_not_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _earliest - 1, _bound, "antivirus")
}

test_denies_from_the_latest_deadline if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _latest, _bound, "antivirus")
}

test_denies_from_the_latest_deadline_and_not_one_nanosecond_before if {
	_raised == {"review": {{"identified": 0, "detail": _readings}}} with input as fixture.kaspersky("acquire", _latest - 1, _bound, "antivirus")
}

test_denies_the_kinds_that_the_law_lists if {
	every class in {"antivirus", "edr-agent", "scanner", "vpn"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("use", _latest, _bound, class)
	}
}

test_reviews_kinds_that_may_be_listed if {
	every class in {"industrial", "management-agent", "management-server", "security-software"} {
		_raised == {"review": {{"identified": 0, "detail": _kind}}} with input as fixture.kaspersky("use", _latest, _bound, class)
	}
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": _kind}}} with input as fixture.embedded("use", _latest, _bound)
}

test_is_silent_on_other_kinds if {
	_raised == {} with input as fixture.kaspersky("use", _latest, _bound, "password-manager")
}

test_does_not_bind_an_ordinary_firm if {
	_raised == {} with input as fixture.kaspersky("use", _latest, {"owner": {"kind": "business", "jurisdictions": ["RO"]}}, "antivirus")
}

test_asks_about_classified_networks if {
	detail := "networks that handle classified information are bound whoever runs them; facts do not tell whether this is one"
	firm := {"owner": {"kind": "contractor", "jurisdictions": ["RO"], "sectors": ["defense"]}}
	_raised == {"review": {{"identified": 0, "detail": detail}}} with input as fixture.kaspersky("use", _latest, firm, "antivirus")
	_raised == {"review": {{"identified": 0, "detail": detail}}} with input as fixture.asked("use", _latest, firm, _drweb)
	_raised == {"warn": {{"identified": 0, "detail": detail}}} with input as fixture.kaspersky("use", _published, firm, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as fixture.kaspersky("acquire", _latest, {}, "antivirus")
}

_drweb := [fixture.item("drweb", "antivirus")]

_origin := "that its maker is Russian is recalled and not verified"

test_never_denies_drweb if {
	_raised == {"review": {{"identified": 0, "detail": _origin}}} with input as fixture.asked("acquire", _latest, _bound, _drweb)
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [_origin, _readings])}}} with input as fixture.asked("acquire", _latest - 1, _bound, _drweb)
	_raised == {"warn": {{"identified": 0, "detail": _origin}}} with input as fixture.asked("acquire", _published, _bound, _drweb)
	_raised == {} with input as fixture.asked("acquire", _published - 1, _bound, _drweb)
}

test_reviews_handing_on if {
	detail := "the law speaks of buying, installing and using; that it also bars handing on is a reading"
	_raised == {"review": {{"identified": 0, "detail": detail}}} with input as fixture.kaspersky("distribute", _published, _bound, "antivirus")
	_raised == {} with input as fixture.kaspersky("distribute", _published - 1, _bound, "antivirus")
}

test_is_silent_on_makers_elsewhere if {
	_raised == {} with input as fixture.asked("acquire", _latest, _bound, [fixture.item("acronis", "antivirus")])
}

test_is_silent_on_libraries_and_removal_tools if {
	every class in {"developer-library", "removal-tool"} {
		_raised == {} with input as fixture.kaspersky("use", _latest, _bound, class)
		_raised == {} with input as fixture.asked("use", _latest, _bound, [object.union(fixture.item("kaspersky", class), {"software": {"embedded_in": "Example"}})])
	}
}
