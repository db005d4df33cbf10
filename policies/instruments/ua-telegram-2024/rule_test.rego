package restrictions.ua_telegram_2024_test

import data.lib.fixture_test as fixture
import data.lib.named
import data.restrictions.ua_telegram_2024 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn, "exempt": rule.exempt}
	count(entries) > 0
}

_item(product) := object.union(fixture.item("telegram", "messenger"), {"product": product})

_asked(action, now_ns, host) := fixture.asked(action, now_ns, host, [_item("telegram.telegram")])

_owner := {"kind": "government", "jurisdictions": ["UA"], "sectors": ["public-administration"]}

_bound := {"owner": _owner}

_operator := {"owner": {"kind": "business", "jurisdictions": ["UA"], "sectors": ["critical-infrastructure"]}}

_announced := fixture.at("2024-09-19T21:00:00Z")

_buying := "the decision speaks of official devices; that it also bars buying and handing on is a reading"

test_denies_what_is_barred if {
	every action in {"presence", "install", "update", "use", "connect"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _announced, _bound)
		_raised == {} with input as _asked(action, _announced - 1, _bound)
	}
}

test_reviews_procurement if {
	every action in {"acquire", "distribute"} {
		_raised == {"review": {{"identified": 0, "detail": _buying}}} with input as _asked(action, _announced, _bound)
		_raised == {} with input as _asked(action, _announced - 1, _bound)
	}
}

test_binds_critical_infrastructure if {
	every action in {"presence", "use"} {
		_raised == {"deny": {{"identified": 0}}} with input as _asked(action, _announced, _operator)
		_raised == {} with input as _asked(action, _announced - 1, _operator)
	}
}

test_exempts_use_on_duty if {
	every action in {"presence", "use"} {
		_raised == {"exempt": {{
			"identified": 0,
			"message": "use of Telegram as part of official duties is exempt",
			"remediation": "Nothing needs to be done.",
		}}} with input as _asked(action, _announced, {"owner": _owner, "purposes": ["official-duty"]})
		_raised == {} with input as _asked(action, _announced - 1, {"owner": _owner, "purposes": ["official-duty"]})
	}
}

test_exempts_no_other_purpose if {
	_raised == {"deny": {{"identified": 0}}} with input as _asked("use", _announced, {"owner": _owner, "purposes": ["private-use"]})
}

test_has_nothing_to_exempt_where_nobody_is_bound if {
	_raised == {} with input as _asked("use", _announced, {"owner": {"kind": "business", "jurisdictions": ["UA"]}, "purposes": ["official-duty"]})
}

test_reviews_telegram_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": named.doubt.embedded}}} with input as fixture.asked("use", _announced, _bound, [object.union(_item("telegram.telegram"), {"software": {"embedded_in": "Example"}})])
}

test_does_not_bind_others if {
	every owner in [
		{"kind": "personal", "jurisdictions": ["UA"], "sectors": ["public-administration"]},
		{"kind": "personal", "jurisdictions": ["UA"]},
		{"kind": "business", "jurisdictions": ["UA"]},
		{"kind": "government", "jurisdictions": ["PL"], "sectors": ["public-administration"]},
	] {
		_raised == {} with input as _asked("use", _announced, {"owner": owner})
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {{"identified": 0, "missing": ["host.owner.jurisdictions", "host.owner.kind"]}}} with input as _asked("use", _announced, {})
}
