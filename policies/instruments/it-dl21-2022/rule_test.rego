package restrictions.it_dl21_2022_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.it_dl21_2022 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["IT"], "sectors": ["public-administration"]}}

_first := fixture.at("2022-04-25T22:00:00Z")

_second := fixture.at("2025-11-21T23:00:00Z")

_promptly := "the circular says promptly and fixes no date, so that no instant separates late from in time"

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_denies_buying if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _first, _bound, "antivirus")
}

test_denies_buying_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _first - 1, _bound, "antivirus")
}

test_denies_installing if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _first, _bound, "antivirus")
}

test_denies_installing_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _first - 1, _bound, "antivirus")
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _promptly}}} with input as fixture.kaspersky("presence", _first, _bound, "antivirus")
}

test_reviews_what_is_there_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _first - 1, _bound, "antivirus")
}

test_denies_buying_under_both_circulars if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _second, _bound, "antivirus")
}

test_denies_buying_under_both_circulars_and_not_one_nanosecond_before if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _second - 1, _bound, "antivirus")
}

test_reviews_what_is_there_under_both_circulars if {
	_raised == {"review": {{"identified": 0, "detail": _promptly}}} with input as fixture.kaspersky("presence", _second, _bound, "antivirus")
}

test_reviews_what_is_there_under_both_circulars_and_not_one_nanosecond_before if {
	_raised == {"review": {{"identified": 0, "detail": _promptly}}} with input as fixture.kaspersky("presence", _second - 1, _bound, "antivirus")
}

test_binds_every_public_administration if {
	every sector in {"public-administration", "central-government", "local-government"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _first, {"owner": {"kind": "government", "jurisdictions": ["IT"], "sectors": [sector]}}, "antivirus")
	}
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("acquire", _first, {"owner": {"kind": "business", "jurisdictions": ["IT"]}}, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("acquire", _first, {}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.embedded, _promptly])}}} with input as fixture.embedded("presence", _first, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.library, _promptly])}}} with input as fixture.kaspersky("presence", _first, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": concat("; ", [_tool, _promptly])}}} with input as fixture.kaspersky("presence", _first, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": concat("; ", [_tool, _promptly])}}} with input as fixture.kaspersky("presence", _first, _bound, "removal-tool")
}

_of(vendor) := [fixture.item(vendor, "security-software")]

test_denies_buying_of_the_other_makers if {
	every vendor in {"group-ib", "positive-technologies"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("acquire", _first, _bound, _of(vendor))
		_raised == {} with input as fixture.asked("acquire", _first - 1, _bound, _of(vendor))
		_raised == {"review": {{"identified": 0, "detail": _promptly}}} with input as fixture.asked("presence", _second, _bound, _of(vendor))
	}
}

test_adds_security_gen_in_2025 if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("acquire", _second, _bound, _of("security-gen"))
	_raised == {} with input as fixture.asked("acquire", _second - 1, _bound, _of("security-gen"))
	_raised == {"review": {{"identified": 0, "detail": _promptly}}} with input as fixture.asked("presence", _second, _bound, _of("security-gen"))
	_raised == {} with input as fixture.asked("presence", _second - 1, _bound, _of("security-gen"))
}

test_is_silent_on_other_makers if {
	_raised == {} with input as fixture.asked("acquire", _second, _bound, _of("acronis"))
}

test_reviews_code_of_the_other_makers_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("acquire", _first, _bound, [object.union(fixture.item("group-ib", "security-software"), {"software": {"embedded_in": "Example"}})])
}
