package lib.named_test

import data.lib.fixture_test as fixture
import data.lib.named

_inside(found) := object.union(found, {"software": {"embedded_in": "Example"}})

_of(product, class) := object.union(fixture.item("example", class), {"product": product})

_identified := [
	_of("example.app", "messenger"),
	_inside(_of("example.app", "messenger")),
	_of("example.sdk", "developer-library"),
	_inside(_of("example.sdk", "developer-library")),
	_of("example.models", "ai-model"),
	fixture.item("another", "messenger"),
	object.remove(_of("example.plain", ""), ["class"]),
]

_input := fixture.asked("use", 0, {}, _identified)

test_a_ban_that_names_products_asks_about_components_only if {
	reach := named.reach({"example.app", "example.models"}) with input as _input
	reach == {"plain": {0, 4}, "doubtful": {1: named.doubt.embedded}, "tolerated": set()}
}

test_a_ban_that_names_a_vendor_asks_about_libraries_and_models_too if {
	reach := named.reach_of_vendors({"example"}) with input as _input
	reach == {
		"plain": {0, 6},
		"doubtful": {
			1: named.doubt.embedded,
			2: named.doubt.library,
			3: named.doubt.library,
			4: named.doubt.model,
		},
		"tolerated": set(),
	}
}

test_what_is_not_named_is_not_reached if {
	nothing := {"plain": set(), "doubtful": {}, "tolerated": set()}
	named.reach({"example.other"}) == nothing with input as _input
	named.reach_of_vendors({"other"}) == nothing with input as _input
}
