package restrictions.us_tx_prohibited_technologies_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.us_tx_prohibited_technologies as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["US-TX"], "sectors": ["state-agency"]}}

_local := {"owner": {"kind": "government", "jurisdictions": ["US-TX"], "sectors": ["local-government"]}}

_ordered := fixture.at("2022-12-07T06:00:00Z")

_policies := fixture.at("2024-11-20T06:00:00Z")

_listed := "the order is of 7 December 2022; since when its list names this technology is not verified"

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"

test_warns_from_the_order if {
	_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as fixture.kaspersky("presence", _ordered, _bound, "antivirus")
}

test_warns_from_the_order_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _ordered - 1, _bound, "antivirus")
}

test_denies_when_policies_are_due if {
	_raised == {"deny": {{"identified": 0, "phase": "policies"}}} with input as fixture.kaspersky("presence", _policies, _bound, "antivirus")
}

test_denies_when_policies_are_due_and_not_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as fixture.kaspersky("presence", _policies - 1, _bound, "antivirus")
}

test_reviews_procurement if {
	_raised == {"review": {{"identified": 0, "phase": "procurement", "detail": "the list concerns devices; that it also bars buying and handing on is a reading"}}} with input as fixture.kaspersky("acquire", _policies, _bound, "antivirus")
}

test_warns_of_procurement_until_policies_are_due if {
	every action in {"acquire", "distribute"} {
		_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as fixture.kaspersky(action, _policies - 1, _bound, "antivirus")
		_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as fixture.kaspersky(action, _ordered, _bound, "antivirus")
		_raised == {} with input as fixture.kaspersky(action, _ordered - 1, _bound, "antivirus")
	}
}

test_binds_local_government if {
	_raised == {"deny": {{"identified": 0, "phase": "policies"}}} with input as fixture.kaspersky("install", _policies, _local, "antivirus")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "policies", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as fixture.kaspersky("presence", _policies, {}, "antivirus")
}

test_does_not_bind_a_business if {
	_raised == {} with input as fixture.kaspersky("presence", _policies, {"owner": {"kind": "business", "jurisdictions": ["US", "US-TX"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "phase": "policies", "detail": kaspersky.doubt.embedded}}} with input as fixture.embedded("presence", _policies, _bound)
}

test_reviews_a_developer_library if {
	_raised == {"review": {{"identified": 0, "phase": "policies", "detail": kaspersky.doubt.library}}} with input as fixture.kaspersky("presence", _policies, _bound, "developer-library")
}

test_tolerates_the_removal_tool_in_remediation if {
	_raised == {"warn": {{"identified": 0, "phase": "policies", "detail": _tool}}} with input as fixture.kaspersky("presence", _policies, object.union(_bound, {"purposes": ["remediation"]}), "removal-tool")
}

test_asks_what_the_removal_tool_is_for if {
	_raised == {"review": {{"identified": 0, "phase": "policies", "missing": ["host.purposes"], "detail": _tool}}} with input as fixture.kaspersky("presence", _policies, _bound, "removal-tool")
}

_item(product) := object.union(fixture.item(split(product, ".")[0], "social-media"), {"product": product})

_about(action, now_ns, product) := fixture.asked(action, now_ns, _bound, [_item(product)])

_proclaimed := fixture.at("2025-01-31T06:00:00Z")

_extended := fixture.at("2026-01-26T06:00:00Z")

_reading := "the list concerns devices; that it also bars buying and handing on is a reading"

test_treats_what_the_list_named_first_alike if {
	every product in {"alibaba.alipay", "bytedance.tiktok", "bytedance.tiktok-live-studio", "tencent.wechat"} {
		_raised == {} with input as _about("presence", _ordered - 1, product)
		_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as _about("presence", _ordered, product)
		_raised == {"warn": {{"identified": 0, "phase": "list", "detail": _listed}}} with input as _about("presence", _policies - 1, product)
		_raised == {"deny": {{"identified": 0, "phase": "policies"}}} with input as _about("presence", _policies, product)
		_raised == {"deny": {{"identified": 0, "phase": "policies"}}} with input as _about("presence", _extended, product)
	}
}

test_denies_what_was_added_in_2025 if {
	every product in {"bytedance.lemon8", "deepseek.app", "moomoo.moomoo", "tiger-brokers.tiger-brokers", "webull.webull", "xiaohongshu.rednote"} {
		every action in {"presence", "install", "update", "use", "connect"} {
			_raised == {"deny": {{"identified": 0, "phase": "additions-2025"}}} with input as _about(action, _proclaimed, product)
			_raised == {} with input as _about(action, _proclaimed - 1, product)
		}
	}
}

test_denies_what_was_added_in_2026 if {
	every product in {"alibaba.aliexpress", "baidu.other", "hisense.other", "iflytek.other", "minimax.other", "moonshot-ai.other", "pdd.temu", "shein.shein", "tcl.other", "tp-link.other", "xiaomi.other", "zhipu.other"} {
		every action in {"presence", "install", "update", "use", "connect"} {
			_raised == {"deny": {{"identified": 0, "phase": "additions-2026"}}} with input as _about(action, _extended, product)
			_raised == {} with input as _about(action, _extended - 1, product)
		}
	}
}

test_reviews_buying_and_handing_on_what_was_added if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "phase": "procurement-2025", "detail": _reading}}} with input as _about(action, _proclaimed, "deepseek.app")
		_raised == {} with input as _about(action, _proclaimed - 1, "deepseek.app")
		_raised == {"review": {{"identified": 0, "phase": "procurement-2026", "detail": _reading}}} with input as _about(action, _extended, "pdd.temu")
		_raised == {} with input as _about(action, _extended - 1, "pdd.temu")
	}
}

test_reviews_models_that_run_locally if {
	_raised == {"review": {{"identified": 0, "phase": "additions-2025", "detail": named.doubt.model}}} with input as fixture.asked("use", _proclaimed, _bound, [fixture.item("deepseek", "ai-model")])
}

test_does_not_concern_what_the_list_does_not_name if {
	every product in {"bytedance.capcut", "bytedance.douyin", "tencent.wecom", "meta.whatsapp"} {
		_raised == {} with input as _about("presence", _extended, product)
	}
}

test_does_not_bind_a_business_by_additions if {
	every product in {"deepseek.app", "pdd.temu"} {
		_raised == {} with input as fixture.asked("presence", _extended, {"owner": {"kind": "business", "jurisdictions": ["US", "US-TX"]}}, [_item(product)])
	}
}

test_asks_for_the_sector_of_an_owner if {
	_raised == {"review": {{"identified": 0, "phase": "additions-2025", "missing": ["host.owner.sectors"]}}} with input as fixture.asked("presence", _proclaimed, {"owner": {"kind": "government", "jurisdictions": ["US-TX"]}}, [_item("deepseek.app")])
}
