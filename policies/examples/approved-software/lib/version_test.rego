package lib.version_test

import data.lib.version

test_each_scheme_has_its_own_order if {
	relations := [version.relation(scheme, left, right) |
		some [scheme, left, right] in [
			["dpkg", "4.10-1", "4.2-1"],
			["dpkg", "4.2~rc1-1", "4.2-1"],
			["rpm", "4.2-1", "4.2-1"],
			["dotted", "128.4.9", "128.5"],
			["pep440", "2.0rc1", "2.0"],
			["semver", "nightly", "1.0.0"],
		]
	]
	relations == ["greater", "less", "equal", "less", "less", "unknown"]
}
