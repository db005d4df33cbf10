package restrictions.lt_2017_12_20_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.lt_2017_12_20 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "business", "jurisdictions": ["LT"], "sectors": ["critical-infrastructure"]}}

_ministry := {"owner": {"kind": "government", "jurisdictions": ["LT"], "sectors": ["public-administration"]}}

_bank := {"owner": {"kind": "business", "jurisdictions": ["LT"], "sectors": ["financial-services"]}}

_decided := fixture.at("2017-12-19T22:00:00Z")

_no_deadline := "no deadline was found, so that no instant separates late from in time"

_disputed := "sources disagree on whether private companies of this sector are bound"

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_denies_installing if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _decided, _bound, "antivirus")
}

test_denies_installing_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _decided - 1, _bound, "antivirus")
}

test_denies_buying if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _decided, _bound, "antivirus")
}

test_denies_buying_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _decided - 1, _bound, "antivirus")
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _no_deadline}}} with input as fixture.kaspersky("presence", _decided, _bound, "antivirus")
}

test_reviews_what_is_there_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _decided - 1, _bound, "antivirus")
}

test_binds_state_information_resources if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _decided, _ministry, "antivirus")
}

test_asks_a_public_body_for_its_sector if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.sectors"]}}} with input as fixture.kaspersky("install", _decided, {"owner": {"kind": "government", "jurisdictions": ["LT"]}}, "antivirus")
}

test_does_not_bind_an_ordinary_firm if {
	_raised == {} with input as fixture.kaspersky("install", _decided, {"owner": {"kind": "business", "jurisdictions": ["LT"]}}, "antivirus")
}

test_reviews_finance_on_which_sources_disagree if {
	_raised == {"review": {{"identified": 0, "detail": _disputed}}} with input as fixture.kaspersky("install", _decided, _bank, "antivirus")
}

test_reviews_finance_on_which_sources_disagree_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _decided - 1, _bank, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("install", _decided, {}, "antivirus")
}

test_binds_a_bank_that_is_critical_once if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _decided, {"owner": {"kind": "business", "jurisdictions": ["LT"], "sectors": ["critical-infrastructure", "financial-services"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.embedded, _no_deadline])}}} with input as fixture.embedded("presence", _decided, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.library, _no_deadline])}}} with input as fixture.kaspersky("presence", _decided, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": concat("; ", [_tool, _no_deadline])}}} with input as fixture.kaspersky("presence", _decided, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": concat("; ", [_tool, _no_deadline])}}} with input as fixture.kaspersky("presence", _decided, _bound, "removal-tool")
}
