package restrictions.us_fascsa_acronis_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.us_fascsa_acronis as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [fixture.item("acronis", "backup")])

_owned(sectors) := {"owner": {"kind": "government", "jurisdictions": ["US"], "sectors": sectors}}

_contractor(clauses, sectors, purposes) := {
	"owner": {"kind": "contractor", "jurisdictions": ["US"], "contract_clauses": clauses, "sectors": sectors},
	"purposes": purposes,
}

_effective := fixture.at("2025-07-11T04:00:00Z")

_posted := fixture.at("2025-09-15T04:00:00Z")

_sci := "outside of the intelligence community the order is about systems with sensitive compartmented information, and whether this is one is not told"

_clause := "the clause makes the order part of the contract, and how far it reaches what the contractor has itself is a reading"

test_denies_the_intelligence_community if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "exclusion"}}} with input as _asked(action, _effective, _owned(["intelligence", "national-security-system"]))
		_raised == {} with input as _asked(action, _effective - 1, _owned(["intelligence", "national-security-system"]))
	}
}

test_reviews_other_national_security_systems if {
	_raised == {"review": {{"identified": 0, "phase": "compartmented", "detail": _sci}}} with input as _asked("presence", _effective, _owned(["defense", "national-security-system"]))
	_raised == {} with input as _asked("presence", _effective - 1, _owned(["defense", "national-security-system"]))
}

test_does_not_bind_other_agencies if {
	_raised == {} with input as _asked("presence", _effective, _owned(["federal-civilian"]))
}

test_reviews_a_contractor_under_the_clause if {
	every clause in {"FAR 52.204-30", "FAR 52.240-91"} {
		_raised == {"review": {{"identified": 0, "phase": "contractors", "detail": _clause}}} with input as _asked("use", _posted, _contractor([clause], ["intelligence"], ["contract-performance"]))
		_raised == {} with input as _asked("use", _posted - 1, _contractor([clause], ["intelligence"], ["contract-performance"]))
	}
}

test_does_not_concern_other_contractors if {
	_raised == {} with input as _asked("use", _posted, _contractor(["FAR 52.204-23"], ["intelligence"], ["contract-performance"]))
	_raised == {} with input as _asked("use", _posted, _contractor(["FAR 52.204-30"], ["defense"], ["contract-performance"]))
	_raised == {} with input as _asked("use", _posted, _contractor(["FAR 52.204-30"], ["intelligence"], ["non-contract"]))
}

test_asks_a_contractor_for_what_is_not_told if {
	_raised == {"review": {{"identified": 0, "phase": "contractors", "missing": ["host.owner.contract_clauses", "host.owner.sectors", "host.purposes"], "detail": _clause}}} with input as _asked("use", _posted, _contractor([], [], []))
}

test_does_not_bind_private_owners if {
	every kind in {"business", "personal"} {
		_raised == {} with input as _asked("presence", _posted, {"owner": {"kind": kind, "jurisdictions": ["US"]}})
	}
}

test_asks_for_the_sector if {
	_raised == {"review": {{"identified": 0, "phase": "exclusion", "missing": ["host.owner.sectors"]}}} with input as _asked("presence", _effective, {"owner": {"kind": "government", "jurisdictions": ["US"]}})
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {
		{"identified": 0, "phase": "exclusion", "missing": ["host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors"]},
		{"identified": 0, "phase": "contractors", "missing": ["host.owner.contract_clauses", "host.owner.jurisdictions", "host.owner.kind", "host.owner.sectors", "host.purposes"], "detail": _clause},
	}} with input as _asked("presence", _posted, {})
}

test_reviews_a_component_of_another_product if {
	_raised == {"review": {{"identified": 0, "phase": "exclusion", "detail": named.doubt.embedded}}} with input as fixture.asked("presence", _effective, _owned(["intelligence"]), [object.union(fixture.item("acronis", "backup"), {"software": {"embedded_in": "Example Appliance"}})])
}

test_does_not_concern_other_vendors if {
	_raised == {} with input as fixture.asked("presence", _effective, _owned(["intelligence"]), [fixture.item("zoom", "video-conference")])
}
