package restrictions.r_test

import data.restrictions.own

test_own if own.warn == {"it is there"} with input as {"host": {"id": "x"}}

test_fails if 1 == 2

test_prints if {
	print("x", 1)
	count(data.restrictions.own.warn) == 1 with input.host.groups as ["a"] with data.instruments as {}
}
