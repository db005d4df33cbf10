package lib.verdict_test

import data.lib.verdict

_unknown := {"is": "unknown", "missing": ["a"]}

_other := {"is": "unknown", "missing": ["b", "a"]}

test_all_is_settled_by_one_no if verdict.all([verdict.yes, _unknown, verdict.no]) == verdict.no

test_all_names_each_missing_fact_once if {
	verdict.all([verdict.yes, _other, _unknown]) == {"is": "unknown", "missing": ["a", "b"]}
}

test_all_of_yes_is_yes if verdict.all([verdict.yes, verdict.yes]) == verdict.yes

test_any_is_settled_by_one_yes if verdict.any([verdict.no, _unknown, verdict.yes]) == verdict.yes

test_any_is_unknown_without_a_yes if verdict.any([verdict.no, _unknown]) == _unknown

test_any_of_no_is_no if verdict.any([verdict.no]) == verdict.no

test_negation_leaves_what_is_unknown if {
	[verdict.negate(v) | some v in [verdict.yes, verdict.no, _unknown]] == [verdict.no, verdict.yes, _unknown]
}

test_a_denial_becomes_a_question_where_it_is_unknown_who_is_bound if {
	[verdict.weaken(effect, _unknown) | some effect in ["deny", "review", "warn"]] == ["review", "review", "warn"]
}

test_nothing_is_left_where_nobody_is_bound if {
	[verdict.weaken(effect, verdict.no) | some effect in ["deny", "review", "warn"]] == []
}

test_an_effect_stands_on_who_is_bound if {
	[verdict.weaken(effect, verdict.yes) | some effect in ["deny", "review", "warn"]] == ["deny", "review", "warn"]
}
