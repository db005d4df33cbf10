package restrictions.us_ndaa_fy2018_1634_test

import data.restrictions.us_ndaa_fy2018_1634 as rule

_input(owner, class, now_ns) := {
	"action": "presence",
	"now_ns": now_ns,
	"host": {"id": "h", "owner": owner},
	"identified": [{"product": "kaspersky.any", "vendor": "kaspersky", "class": class, "strength": "strong", "evidence": [], "software": {"index": 3, "name": "any"}}],
}

_federal := {"kind": "government", "jurisdictions": ["US"]}

_starts := time.parse_rfc3339_ns("2018-10-01T04:00:00Z")

test_denies_from_the_first_nanosecond if {
	rule.deny == {{"identified": 0}} with input as _input(_federal, "antivirus", _starts)
}

test_is_silent_one_nanosecond_before if {
	rule.deny == set() with input as _input(_federal, "antivirus", _starts - 1)
}

test_does_not_bind_a_business if {
	rule.deny == set() with input as _input({"kind": "business", "jurisdictions": ["US"]}, "antivirus", _starts)
}

test_asks_a_person_when_the_owner_is_not_known if {
	rule.review == {{"identified": 0, "missing": ["host.owner.kind"]}} with input as _input({"jurisdictions": ["US"]}, "antivirus", _starts)
}

test_reviews_a_developer_library if {
	count(rule.review) == 1 with input as _input(_federal, "developer-library", _starts)
}
