package restrictions.ca_tbs_2023_10_30_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.ca_tbs_2023_10_30 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["CA"]}, "form_factor": "mobile", "os": {"family": "android"}}

_owner := {"kind": "government", "jurisdictions": ["CA"]}

_effective := fixture.at("2023-10-30T04:00:00Z")

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_denies_presence if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _effective, _bound, "antivirus")
}

test_denies_presence_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _effective - 1, _bound, "antivirus")
}

test_denies_installing if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("install", _effective, _bound, "antivirus")
}

test_denies_installing_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("install", _effective - 1, _bound, "antivirus")
}

test_reviews_procurement if {
	_raised == {"review": {{"identified": 0, "detail": "the release speaks of removing and blocking; that it also bars buying and handing on is a reading"}}} with input as fixture.kaspersky("acquire", _effective, _bound, "antivirus")
}

test_reviews_procurement_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _effective - 1, _bound, "antivirus")
}

test_does_not_concern_a_desktop if {
	_raised == {} with input as fixture.kaspersky("presence", _effective, {"owner": _owner, "form_factor": "desktop"}, "antivirus")
}

test_knows_a_phone_by_its_system if {
	_raised == {"deny": {{"identified": 0}}} with input as fixture.kaspersky("presence", _effective, {"owner": _owner, "os": {"family": "ios"}}, "antivirus")
}

test_knows_a_desktop_by_its_system if {
	_raised == {} with input as fixture.kaspersky("presence", _effective, {"owner": _owner, "os": {"family": "windows"}}, "antivirus")
}

test_asks_for_the_kind_of_device if {
	_raised == {"review": {{"identified": 0, "missing": ["host.form_factor"]}}} with input as fixture.kaspersky("presence", _effective, {"owner": _owner}, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as fixture.kaspersky("presence", _effective, {"form_factor": "mobile"}, "antivirus")
}

test_leaves_the_public_its_choice if {
	_raised == {} with input as fixture.kaspersky("presence", _effective, {"owner": {"kind": "personal", "jurisdictions": ["CA"]}, "form_factor": "mobile"}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.embedded}}} with input as fixture.embedded("presence", _effective, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _effective, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "detail": _tool}}} with input as fixture.kaspersky("presence", _effective, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("presence", _effective, _bound, "removal-tool")
}

_wechat := object.union(fixture.item("tencent", "messenger"), {"product": "tencent.wechat"})

test_denies_wechat if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as fixture.asked(action, _effective, _bound, [_wechat])
		_raised == {} with input as fixture.asked(action, _effective - 1, _bound, [_wechat])
	}
}

test_denies_both_at_once if {
	_raised == {"deny": {{"identified": 0}, {"identified": 1}}} with input as fixture.asked("presence", _effective, _bound, [_wechat, fixture.item("kaspersky", "antivirus")])
}

test_does_not_concern_wechat_on_a_laptop if {
	_raised == {} with input as fixture.asked("presence", _effective, {"owner": _owner, "form_factor": "laptop"}, [_wechat])
}

test_reviews_wechat_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _effective, _bound, [object.union(_wechat, {"software": {"embedded_in": "Example"}})])
}

test_is_silent_on_other_products_of_tencent if {
	every product in {"tencent.qq", "tencent.qq-wallet", "tencent.wecom"} {
		_raised == {} with input as fixture.asked("presence", _effective, _bound, [object.union(_wechat, {"product": product})])
	}
}
