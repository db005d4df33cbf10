package restrictions.ua_sanctions_test

import data.lib.fixture_test as fixture
import data.lib.kaspersky
import data.lib.named
import data.restrictions.ua_sanctions as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_bound := {"owner": {"kind": "government", "jurisdictions": ["UA"]}}

_firm := {"owner": {"kind": "business", "jurisdictions": ["UA"]}}

_decree := fixture.at("2015-09-15T21:00:00Z")

_sanctions := fixture.at("2017-05-15T21:00:00Z")

_verified_end := fixture.at("2023-05-13T21:00:00Z")

_stock := "no date for the removal of what is there was found"

_again := "listed again by decree of 21 May 2021, whose end date is not verified"

_company := "the sanctions concern the company and not its software, and their end date is not verified"

_sites := "the duty to block binds providers, not the owner of a device"

test_denies_state_bodies if {
	every action in {"install", "update", "use", "acquire", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "state-bodies"}}} with input as fixture.kaspersky(action, _decree, _bound, "antivirus")
		_raised == {} with input as fixture.kaspersky(action, _decree - 1, _bound, "antivirus")
		_raised == {"deny": {{"identified": 0, "phase": "state-bodies"}}} with input as fixture.kaspersky(action, _verified_end - 1, _bound, "antivirus")
		_raised == {"review": {{"identified": 0, "phase": "state-bodies-listed-again", "detail": _again}}} with input as fixture.kaspersky(action, _verified_end, _bound, "antivirus")
	}
}

test_reviews_what_state_bodies_have if {
	_raised == {"review": {{"identified": 0, "detail": _stock, "phase": "state-bodies-stock"}}} with input as fixture.kaspersky("presence", _decree, _bound, "antivirus")
}

test_reviews_what_state_bodies_have_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("presence", _decree - 1, _bound, "antivirus")
}

test_reviews_what_state_bodies_have_since if {
	_raised == {"review": {{"identified": 0, "detail": _again, "phase": "state-bodies-listed-again"}}} with input as fixture.kaspersky("presence", _verified_end, _bound, "antivirus")
}

test_reviews_what_state_bodies_have_since_and_not_one_nanosecond_before if {
	_raised == {"review": {{"identified": 0, "detail": _stock, "phase": "state-bodies-stock"}}} with input as fixture.kaspersky("presence", _verified_end - 1, _bound, "antivirus")
}

test_reviews_dealings_of_others if {
	_raised == {"review": {{"identified": 0, "detail": _company, "phase": "dealings"}}} with input as fixture.kaspersky("acquire", _sanctions, _firm, "antivirus")
}

test_reviews_dealings_of_others_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("acquire", _sanctions - 1, _firm, "antivirus")
}

test_warns_others_that_sites_are_blocked if {
	_raised == {"warn": {{"identified": 0, "detail": _sites, "phase": "blocking"}}} with input as fixture.kaspersky("connect", _sanctions, _firm, "antivirus")
}

test_warns_others_that_sites_are_blocked_and_not_one_nanosecond_before if {
	_raised == {} with input as fixture.kaspersky("connect", _sanctions - 1, _firm, "antivirus")
}

test_is_silent_on_software_that_others_have if {
	every action in {"presence", "install", "use"} {
		_raised == {} with input as fixture.kaspersky(action, _sanctions, _firm, "antivirus")
	}
}

test_asks_for_an_owner_that_is_not_told if {
	_raised == {"review": {
		{"identified": 0, "phase": "state-bodies", "missing": ["host.owner.jurisdictions", "host.owner.kind"]},
		{"identified": 0, "phase": "dealings", "missing": ["host.owner.jurisdictions", "host.owner.kind"], "detail": _company},
	}} with input as fixture.kaspersky("acquire", _sanctions, {}, "antivirus")
}

test_does_not_bind_elsewhere if {
	_raised == {} with input as fixture.kaspersky("acquire", _sanctions, {"owner": {"kind": "government", "jurisdictions": ["MD"]}}, "antivirus")
}

test_reviews_embedded_code if {
	_raised == {"review": {{"identified": 0, "detail": kaspersky.doubt.embedded, "phase": "state-bodies"}}} with input as fixture.embedded("use", _decree, _bound)
}

_of(vendor) := [fixture.item(vendor, "messenger")]

test_denies_state_bodies_drweb_too if {
	every action in {"install", "update", "use", "acquire", "connect"} {
		_raised == {"deny": {{"identified": 0, "phase": "state-bodies"}}} with input as fixture.asked(action, _decree, _bound, _of("drweb"))
		_raised == {} with input as fixture.asked(action, _decree - 1, _bound, _of("drweb"))
		_raised == {"deny": {{"identified": 0, "phase": "state-bodies"}}} with input as fixture.asked(action, _verified_end - 1, _bound, _of("drweb"))
		_raised == {"review": {{"identified": 0, "phase": "state-bodies-listed-again", "detail": _again}}} with input as fixture.asked(action, _verified_end, _bound, _of("drweb"))
	}
}

test_reviews_dealings_with_the_other_companies if {
	every vendor in {"drweb", "firm-1c", "mail-ru", "odnoklassniki", "vk", "yandex"} {
		_raised == {"review": {{"identified": 0, "detail": _company, "phase": "dealings"}}} with input as fixture.asked("acquire", _sanctions, _firm, _of(vendor))
		_raised == {} with input as fixture.asked("acquire", _sanctions - 1, _firm, _of(vendor))
	}
}

test_warns_that_sites_of_the_other_companies_are_blocked if {
	every vendor in {"firm-1c", "mail-ru", "odnoklassniki", "vk", "yandex"} {
		_raised == {"warn": {{"identified": 0, "detail": _sites, "phase": "blocking"}}} with input as fixture.asked("connect", _sanctions, _firm, _of(vendor))
		_raised == {} with input as fixture.asked("connect", _sanctions - 1, _firm, _of(vendor))
	}
}

test_treats_state_bodies_as_everybody_for_the_other_companies if {
	every vendor in {"firm-1c", "mail-ru", "odnoklassniki", "vk", "yandex"} {
		_raised == {"review": {{"identified": 0, "detail": _company, "phase": "dealings"}}} with input as fixture.asked("acquire", _sanctions, _bound, _of(vendor))
		_raised == {} with input as fixture.asked("use", _sanctions, _bound, _of(vendor))
		_raised == {} with input as fixture.asked("acquire", _sanctions - 1, _bound, _of(vendor))
	}
}

test_is_silent_on_software_of_the_other_companies_that_somebody_has if {
	every action in {"presence", "install", "use"} {
		_raised == {} with input as fixture.asked(action, _listed_again, _firm, [fixture.item("yandex", "browser"), fixture.item("abbyy", "business-software")])
	}
}

_listed_again := fixture.at("2021-05-20T21:00:00Z")

test_reviews_dealings_with_abbyy_from_2021 if {
	_raised == {"review": {{"identified": 0, "phase": "dealings-2021", "detail": concat("; ", ["listed by decree of 21 May 2021", _company])}}} with input as fixture.asked("acquire", _listed_again, _firm, _of("abbyy"))
	_raised == {} with input as fixture.asked("acquire", _listed_again - 1, _firm, _of("abbyy"))
}

test_reviews_code_of_the_other_companies_inside_another_product if {
	_raised == {"review": {{"identified": 0, "detail": concat("; ", [named.doubt.embedded, _company]), "phase": "dealings"}}} with input as fixture.asked("acquire", _sanctions, _firm, [object.union(fixture.item("yandex", "browser"), {"software": {"embedded_in": "Example"}})])
}
