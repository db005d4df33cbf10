package restrictions.de_bsi_2022_03_15_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.restrictions.de_bsi_2022_03_15 as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"warn": rule.warn}
	count(entries) > 0
}

_home := {"owner": {"kind": "personal", "jurisdictions": ["DE"]}}

_issued := fixture.at("2022-03-14T23:00:00Z")

test_warns_of_every_action if {
	every action in {"presence", "install", "update", "use", "acquire", "distribute", "connect"} {
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky(action, _issued, _home, "antivirus")
		_raised == {} with input as fixture.kaspersky(action, _issued - 1, _home, "antivirus")
	}
}

test_warns_every_kind_of_owner if {
	every kind in {"government", "contractor", "business", "personal"} {
		_raised == {"warn": {{"identified": 0}}} with input as fixture.kaspersky("use", _issued, {"owner": {"kind": kind, "jurisdictions": ["DE"]}}, "antivirus")
	}
}

test_warns_an_owner_that_is_not_told if {
	_raised == {"warn": {{"identified": 0, "missing": ["host.owner.jurisdictions"]}}} with input as fixture.kaspersky("use", _issued, {}, "antivirus")
}

test_says_where_it_is_doubtful if {
	_raised == {"warn": {{"identified": 0, "detail": kaspersky.doubt.antivirus}}} with input as fixture.kaspersky("use", _issued, _home, "scanner")
}

test_warns_of_an_engine_inside_another_product if {
	_raised == {"warn": {{"identified": 0, "detail": kaspersky.doubt.antivirus}}} with input as fixture.embedded("use", _issued, _home)
}

test_is_silent_on_other_products if {
	_raised == {} with input as fixture.kaspersky("use", _issued, _home, "password-manager")
}

test_is_silent_elsewhere if {
	_raised == {} with input as fixture.kaspersky("use", _issued, {"owner": {"kind": "personal", "jurisdictions": ["AT"]}}, "antivirus")
}
