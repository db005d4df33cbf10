package restrictions.us_md_directive_2022_12_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.us_md_directive_2022_12 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["US-MD"], "sectors": ["state-agency"]}}

_issued := fixture.at("2022-12-06T05:00:00Z")

_deadline := fixture.at("2022-12-20T05:00:00Z")

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_warns_from_the_directive if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("presence", _issued, _bound, "antivirus")
}

test_warns_from_the_directive_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _issued - 1, _bound, "antivirus")
}

test_denies_from_the_deadline if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _deadline, _bound, "antivirus")
}

test_denies_from_the_deadline_and_not_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("presence", _deadline - 1, _bound, "antivirus")
}

test_reviews_procurement if {
	_raised == {"review": {{"identified": 0, "detail": "the directive speaks of removing and blocking; that it also bars buying and handing on is a reading"}}} with input as fixture.kaspersky("acquire", _issued, _bound, "antivirus")
}

test_reviews_procurement_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _issued - 1, _bound, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("presence", _deadline, {}, "antivirus")
}

test_asks_for_the_sector if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.sectors"]}}} with input as fixture.kaspersky("install", _deadline, {"owner": {"kind": "government", "jurisdictions": ["US-MD"]}}, "antivirus")
}

test_does_not_bind_local_government if {
	_raised == {} with input as fixture.kaspersky("presence", _deadline, {"owner": {"kind": "government", "jurisdictions": ["US-MD"], "sectors": ["local-government"]}}, "antivirus")
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("presence", _deadline, {"owner": {"kind": "business", "jurisdictions": ["US", "US-MD"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.embedded}}} with input as fixture.embedded("presence", _deadline, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _deadline, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("presence", _deadline, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("presence", _deadline, _bound, "removal-tool")
}

_item(product) := object.union(fixture.item(split(product, ".")[0], "messenger"), {"product": product})

_not_named := "the directive names the vendor and some of its products, and whether it means this one is a matter of interpretation"

test_treats_all_that_it_names_alike if {
	every product in {"alibaba.alipay", "bytedance.tiktok", "bytedance.tiktok-live-studio", "tencent.qq", "tencent.qq-wallet", "tencent.wechat", "huawei.other", "zte.other"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.asked("presence", _deadline, _bound, [_item(product)])
		_raised == {"warn": {{"identified": 0}}} with input as fixture.asked("presence", _deadline - 1, _bound, [_item(product)])
		_raised == {"warn": {{"identified": 0}}} with input as fixture.asked("presence", _issued, _bound, [_item(product)])
		_raised == {} with input as fixture.asked("presence", _issued - 1, _bound, [_item(product)])
	}
}

test_reviews_other_products_of_vendors_that_it_names if {
	every product in {"alibaba.aliexpress", "tencent.wecom"} {
		_raised == {"review": {{"identified": 0, "detail": _not_named}}} with input as fixture.asked("presence", _deadline, _bound, [_item(product)])
		_raised == {"warn": {{"identified": 0, "detail": _not_named}}} with input as fixture.asked("presence", _deadline - 1, _bound, [_item(product)])
	}
}

test_does_not_concern_other_applications_of_bytedance if {
	every product in {"bytedance.capcut", "bytedance.lemon8", "bytedance.douyin"} {
		_raised == {} with input as fixture.asked("presence", _deadline, _bound, [_item(product)])
	}
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _deadline, _bound, [object.union(_item("tencent.wechat"), {"software": {"embedded_in": "Example Suite"}})])
}
