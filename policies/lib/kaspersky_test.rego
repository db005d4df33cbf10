package lib.kaspersky_test

import data.lib.ban
import data.lib.fixture_test as fixture
import data.lib.kaspersky

_inside(found) := object.union(found, {"software": {"embedded_in": "Example"}})

_identified := [
	fixture.item("kaspersky", "antivirus"),
	_inside(fixture.item("kaspersky", "antivirus-engine")),
	fixture.item("kaspersky", "developer-library"),
	fixture.item("kaspersky", "removal-tool"),
	fixture.item("kaspersky", "threat-intelligence"),
	fixture.item("example", "antivirus"),
	fixture.item("kaspersky", "scanner"),
]

_input := fixture.asked("use", 0, {}, _identified)

test_every_item_is_of_one_kind if {
	kinds := [kaspersky.products, kaspersky.embedded, kaspersky.libraries, kaspersky.removal_tools, kaspersky.informational] with input as _input
	kinds == [{0, 4, 6}, {1}, {2}, {3}, {4}]
}

test_reach if {
	reach := kaspersky.reach with input as _input
	reach == {
		"plain": {0, 4, 6},
		"doubtful": {1: kaspersky.doubt.embedded, 2: kaspersky.doubt.library},
		"tolerated": {3},
	}
}

test_reach_in_part if {
	reach := kaspersky.reach_in_part with input as _input
	reach == {"plain": {0, 1, 4, 6}, "doubtful": {2: kaspersky.doubt.library}, "tolerated": {3}}
}

test_reach_antivirus if {
	reach := kaspersky.reach_antivirus with input as _input
	reach == {
		"plain": {0},
		"doubtful": {1: kaspersky.doubt.antivirus, 6: kaspersky.doubt.antivirus},
		"tolerated": set(),
	}
}

test_a_ban_asks_at_most_where_it_is_doubtful if {
	answer := {"effect": "warn", "missing": [], "detail": ""}
	reach := {"plain": {0}, "doubtful": {1: "why"}, "tolerated": set()}
	ban.warned(answer, reach) == {{"identified": 0}, {"identified": 1, "detail": "why"}} with input as _input
	ban.reviewed(answer, reach) == set() with input as _input
	ban.denied(answer, reach) == set() with input as _input
}
