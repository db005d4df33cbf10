package lib.host_test

import data.lib.host
import data.lib.verdict

_host := {
	"form_factor": "mobile",
	"owner": {"kind": "business", "jurisdictions": ["US", "US-TX"], "sectors": ["defense"], "us_person": false, "contract_clauses": ["FAR 52.204-23"]},
	"purposes": ["non-contract"],
}

test_facts_that_are_there_settle_it if {
	answers := [
		host.owned_by({"business"}), host.owned_by({"government"}),
		host.within({"US-TX"}), host.within({"CA"}),
		host.in_sector({"defense"}), host.in_sector({"intelligence"}),
		host.under_clause({"FAR 52.204-23"}), host.under_clause({"FAR 52.204-27"}),
		host.used_for({"non-contract"}), host.used_for({"remediation"}),
		host.mobile, host.us_person,
	] with input as {"host": _host}
	answers == [verdict.of((at % 2) == 0) | some at, _ in _numbers]
}

_numbers := [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

test_facts_that_are_not_there_are_named if {
	answers := [
		host.owned_by({"business"}), host.within({"US"}), host.in_sector({"defense"}),
		host.under_clause({"FAR 52.204-23"}), host.used_for({"remediation"}), host.mobile, host.us_person,
	] with input as {"host": {"id": "h"}}
	answers == [verdict.unknown(path) | some path in [
		"host.owner.kind", "host.owner.jurisdictions", "host.owner.sectors",
		"host.owner.contract_clauses", "host.purposes", "host.form_factor", "host.owner.us_person",
	]]
}

test_an_empty_list_is_not_there if {
	answers := [host.within({"US"}), host.in_sector({"defense"}), host.under_clause({"FAR 52.204-23"}), host.used_for({"remediation"})] with input as {"host": {"owner": {"jurisdictions": [], "sectors": [], "contract_clauses": []}, "purposes": []}}
	every answer in answers {
		answer.is == "unknown"
	}
}

test_a_country_does_not_imply_its_states_nor_the_other_way if {
	host.within({"US"}) == verdict.no with input as {"host": {"owner": {"jurisdictions": ["US-TX"]}}}
	host.within({"US-TX"}) == verdict.no with input as {"host": {"owner": {"jurisdictions": ["US"]}}}
}

test_a_sector_that_is_not_stated_is_not_claimed if {
	host.said_to_work_in({"defense"}) == verdict.no with input as {"host": {"owner": {"kind": "business"}}}
	host.said_to_work_in({"defense"}) == verdict.yes with input as {"host": _host}
}

test_the_form_factor_comes_before_the_system if {
	answers := [answer |
		some facts in [
			{"form_factor": "laptop", "os": {"family": "android"}},
			{"form_factor": "kiosk", "os": {"family": "android"}},
			{"os": {"family": "ipados"}},
			{"os": {"family": "windows"}},
			{"os": {"family": "harmonyos"}},
		]
		answer := host.mobile.is with input as {"host": facts}
	]
	answers == ["no", "yes", "yes", "no", "unknown"]
}

# Guards against an import that a function of a package loses once a rule of the package
# has been read.
test_functions_work_after_rules if {
	[host.mobile, host.us_person, host.within({"US"})] == [verdict.yes, verdict.no, verdict.yes] with input as {"host": _host}
}
