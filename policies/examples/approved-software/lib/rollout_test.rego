package lib.rollout_test

import data.lib.rollout

_hosts := [sprintf("host-%d%d%d", [a, b, c]) | some a in _eight; some b in _eight; some c in _eight]

_eight := [0, 1, 2, 3, 4, 5, 6, 7]

_reached(share) := {id | some id in _hosts; rollout.reached("a-salt", id, share)}

# The first three digits of SHA-256 of `floors-2026/works-015` and so on, computed elsewhere.
test_places_are_those_of_the_digest if {
	places := [rollout.place("floors-2026", id) | some id in ["works-015", "works-029", "works-034", "works-013"]]
	places == [443, 524, 1579, 3953]
}

test_a_share_is_cut_between_two_places if {
	rollout.reached("floors-2026", "works-015", 11)
	not rollout.reached("floors-2026", "works-015", 10)
}

test_nobody_and_everybody if {
	count(_reached(0)) == 0
	count(_reached(100)) == 512
}

test_a_larger_share_keeps_the_hosts_of_a_smaller_one if {
	every shares in [[1, 10], [10, 50], [50, 99]] {
		count(_reached(shares[0]) - _reached(shares[1])) == 0
	}
}

test_a_share_is_about_that_share_of_the_hosts if {
	count(_reached(50)) > 220
	count(_reached(50)) < 292
}

test_another_salt_draws_another_order if {
	_reached(50) != {id | some id in _hosts; rollout.reached("another-salt", id, 50)}
}
