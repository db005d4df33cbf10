package restrictions.us_nj_directive_2023_01_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.us_nj_directive_2023_01 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["US-NJ"], "sectors": ["state-agency"]}}

_reported := fixture.at("2023-01-10T05:00:00Z")

_no_deadline := "no deadline was found, so that no instant separates late from in time"

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_denies_installing if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _reported, _bound, "antivirus")
}

test_denies_installing_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _reported - 1, _bound, "antivirus")
}

test_denies_buying if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("acquire", _reported, _bound, "antivirus")
}

test_denies_buying_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _reported - 1, _bound, "antivirus")
}

test_reviews_what_is_there if {
	_raised == {"review": {{"identified": 0, "detail": _no_deadline}}} with input as fixture.kaspersky("presence", _reported, _bound, "antivirus")
}

test_reviews_what_is_there_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _reported - 1, _bound, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("install", _reported, {}, "antivirus")
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("install", _reported, {"owner": {"kind": "business", "jurisdictions": ["US", "US-NJ"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.embedded, _no_deadline])}}} with input as fixture.embedded("presence", _reported, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [kaspersky.doubt.library, _no_deadline])}}} with input as fixture.kaspersky("presence", _reported, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": concat("; ", [_tool, _no_deadline])}}} with input as fixture.kaspersky("presence", _reported, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": concat("; ", [_tool, _no_deadline])}}} with input as fixture.kaspersky("presence", _reported, _bound, "removal-tool")
}

_item(product) := object.union(fixture.item(split(product, ".")[0], "messenger"), {"product": product})

test_treats_all_that_it_names_alike if {
	every product in {"bytedance.tiktok", "bytedance.tiktok-live-studio", "hikvision.hik-connect", "huawei.other", "tencent.wechat", "tencent.wecom", "zte.other"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("install", _reported, _bound, [_item(product)])
		_raised == {} with input as fixture.asked("install", _reported - 1, _bound, [_item(product)])
		_raised == {"review": {{"identified": 0, "detail": _no_deadline}}} with input as fixture.asked("presence", _reported, _bound, [_item(product)])
	}
}

test_does_not_concern_what_it_does_not_name if {
	every product in {"bytedance.capcut", "bytedance.douyin", "alibaba.alipay", "dahua.dmss"} {
		_raised == {} with input as fixture.asked("install", _reported, _bound, [_item(product)])
	}
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("install", _reported, _bound, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example Launcher"}})])
}
