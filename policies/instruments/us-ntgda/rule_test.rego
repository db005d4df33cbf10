package restrictions.us_ntgda_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.us_ntgda as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("bytedance", "social-media"), {"product": product})

_asked(action, now_ns, host, product) := fixture.asked(action, now_ns, host, [_item(product)])

_agency := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]}}

_owned(sectors) := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": sectors}}

_contractor(purposes) := {"owner": {"kind": "contractor", "jurisdictions": ["US"]}, "purposes": purposes}

_issued := fixture.at("2023-02-27T05:00:00Z")

_deadline := fixture.at("2023-03-29T04:00:00Z")

_contracts := fixture.at("2023-06-27T04:00:00Z")

_words := "the Act covers TikTok and its successors; that other applications of ByteDance are outside of it is a reading of its words"

_buying := "the Act speaks of what is on devices; that it also bars buying and handing on is a reading"

_clause := "the Act takes in what a contractor uses because the contract requires it, and it is the clause in the contract that binds the contractor"

test_warns_from_the_memorandum if {
	_raised == {"warn": {{"identified": 0, "phase": "remediation"}}} with input as _asked("presence", _issued, _agency, "bytedance.tiktok")
}

test_warns_from_the_memorandum_and_not_one_nanosecond_before if {
	_raised == {} with input as _asked("presence", _issued - 1, _agency, "bytedance.tiktok")
}

test_denies_from_the_deadline if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "removal"}}} with input as _asked(action, _deadline, _agency, "bytedance.tiktok")
		_raised == {"warn": {{"identified": 0, "phase": "remediation"}}} with input as _asked(action, _deadline - 1, _agency, "bytedance.tiktok")
	}
}

test_denies_the_client_for_broadcasts if {
	_raised == {"deny": {{"identified": 0, "phase": "removal"}}} with input as _asked("presence", _deadline, _agency, "bytedance.tiktok-live-studio")
}

test_denies_defense_and_intelligence if {
	every sector in {"defense", "intelligence", "national-security-system"} {
		_raised == {"deny": {{"identified": 0, "phase": "removal"}}} with input as _asked("presence", _deadline, _owned([sector]), "bytedance.tiktok")
	}
}

test_reviews_buying_and_handing_on if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "phase": "procurement", "detail": _buying}}} with input as _asked(action, _issued, _agency, "bytedance.tiktok")
		_raised == {} with input as _asked(action, _issued - 1, _agency, "bytedance.tiktok")
	}
}

test_warns_of_other_applications if {
	every product in {"bytedance.capcut", "bytedance.lemon8", "bytedance.douyin", "bytedance.lark"} {
		every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
			_raised == {"warn": {{"identified": 0, "phase": "other-applications", "detail": _words}}} with input as _asked(action, _deadline, _agency, product)
		}
	}
}

test_warns_of_other_applications_and_not_one_nanosecond_before if {
	_raised == {"warn": {{"identified": 0, "phase": "other-applications", "detail": _words}}} with input as _asked("presence", _issued, _agency, "bytedance.capcut")
	_raised == {} with input as _asked("presence", _issued - 1, _agency, "bytedance.capcut")
}

test_tells_tiktok_from_its_neighbour if {
	_raised == {
		"deny": {{"identified": 1, "phase": "removal"}},
		"warn": {{"identified": 0, "phase": "other-applications", "detail": _words}},
	} with input as fixture.asked("presence", _deadline, _agency, [_item("bytedance.capcut"), _item("bytedance.tiktok")])
}

test_does_not_concern_other_vendors if {
	_raised == {} with input as fixture.asked("presence", _deadline, _agency, [fixture.item("tencent", "messenger")])
}

test_does_not_bind_the_house if {
	_raised == {} with input as _asked("presence", _deadline, _owned(["parliament", "us-house"]), "bytedance.tiktok")
	_raised == {} with input as _asked("presence", _deadline, _owned(["parliament", "us-house"]), "bytedance.capcut")
}

test_does_not_bind_a_state if {
	_raised == {} with input as _asked("presence", _deadline, {"owner": {"kind": "government", "jurisdictions": ["US-TX"], "sectors": ["state-agency"]}}, "bytedance.tiktok")
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal"} {
		_raised == {} with input as _asked("presence", _deadline, {"owner": {"kind": kind, "jurisdictions": ["US"]}}, "bytedance.tiktok")
	}
}

test_reviews_what_a_contract_requires if {
	_raised == {"review": {{"identified": 0, "phase": "contracts", "detail": _clause}}} with input as _asked("presence", _contracts, _contractor(["contract-required"]), "bytedance.tiktok")
	_raised == {} with input as _asked("presence", _contracts - 1, _contractor(["contract-required"]), "bytedance.tiktok")
}

test_does_not_concern_what_a_contract_does_not_require if {
	_raised == {} with input as _asked("presence", _contracts, _contractor(["contract-performance"]), "bytedance.tiktok")
}

test_asks_a_contractor_for_the_purposes if {
	_raised == {"review": {{"identified": 0, "phase": "contracts", "missing": ["host.purposes"], "detail": _clause}}} with input as _asked("presence", _contracts, _contractor([]), "bytedance.tiktok")
}

test_asks_for_the_sector if {
	_raised == {"review": {{"identified": 0, "phase": "removal", "missing": ["host.owner.sectors"]}}} with input as _asked("presence", _deadline, {"owner": {"kind": "government", "jurisdictions": ["US"]}}, "bytedance.tiktok")
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "removal", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]}}} with input as _asked("presence", _deadline, {}, "bytedance.tiktok")
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "phase": "removal", "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _deadline, _agency, [object.union(_item("bytedance.tiktok"), {"software": {"embedded_in": "Example Launcher"}})])
}
