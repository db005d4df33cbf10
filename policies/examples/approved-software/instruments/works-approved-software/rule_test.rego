package restrictions.works_approved_software_test

import data.restrictions.works_approved_software as rule

# What the rule raises, without the sets that are empty.
_raised := {name: entries |
	some name, entries in {"deny": rule.deny, "review": rule.review, "warn": rule.warn}
	count(entries) > 0
}

_at(instant) := time.parse_rfc3339_ns(instant)

# A question about one item.
_asked(action, now_ns, host, product, software) := {
	"action": action,
	"now_ns": now_ns,
	"host": host,
	"identified": [{"product": product, "software": software}],
}

# A host of the first tenth, one of the first half, and one of the rest.
_pilot := {"id": "works-041", "groups": ["office"]}

_half := {"id": "works-015", "groups": ["office"]}

_rest := {"id": "works-013", "groups": ["office"]}

_classic := "example-works.vpn-classic"

_old := {"source": "deb_packages", "version": "4.1-7"}

_new := {"source": "deb_packages", "version": "4.2-1"}

_notice := _at("2026-01-01T00:00:00Z")

_removal := _at("2026-04-01T00:00:00Z")

_floors := _at("2026-03-01T00:00:00Z")

_may := _at("2026-05-01T00:00:00Z")

_june := _at("2026-06-01T00:00:00Z")

_july := _at("2026-07-01T00:00:00Z")

_unlisted(phase) := {{"identified": 0, "phase": phase, "detail": "it is not on the list of approved software"}}

_groups(phase) := {{"identified": 0, "phase": phase, "detail": "it is approved for the groups data-science, research; research-tools@example.org answers for it"}}

_unasked(phase) := {object.union(entry, {"missing": ["host.groups"]}) | some entry in _groups(phase)}

_too_old(phase) := {{"identified": 0, "phase": phase, "detail": "approved from version 4.2-1 on; network@example.org answers for it", "remediation": "Update the software."}}

_untold := {{"identified": 0, "phase": "floor-notice", "detail": "its version, or how the inventory orders versions, is not told well enough to compare it with what is approved"}}

test_denies_installing_what_is_not_listed if {
	every action in {"install", "acquire"} {
		_raised == {"deny": _unlisted("list")} with input as _asked(action, _notice, _half, _classic, _new)
		_raised == {} with input as _asked(action, _notice - 1, _half, _classic, _new)
	}
}

test_warns_of_what_is_there_and_denies_it_from_april if {
	every action in {"presence", "use"} {
		_raised == {"warn": _unlisted("list-notice")} with input as _asked(action, _notice, _half, _classic, _new)
		_raised == {} with input as _asked(action, _notice - 1, _half, _classic, _new)
		_raised == {"deny": _unlisted("list-removal")} with input as _asked(action, _removal, _half, _classic, _new)
		_raised == {"warn": _unlisted("list-notice")} with input as _asked(action, _removal - 1, _half, _classic, _new)
	}
}

test_lets_everybody_update if {
	_raised == {} with input as _asked("update", _july, _half, "example-works.vpn", _old)
	_raised == {} with input as _asked("update", _july, _half, _classic, _old)
}

_analytics := "example-works.analytics"

_python := {"source": "python_packages", "version": "2.1"}

test_approves_for_groups if {
	_raised == {} with input as _asked("presence", _july, {"id": "works-013", "groups": ["office", "research"]}, _analytics, _python)
	_raised == {"deny": _groups("list-removal")} with input as _asked("presence", _july, _rest, _analytics, _python)
	_raised == {"deny": _groups("list")} with input as _asked("acquire", _july, _rest, _analytics, _python)
}

test_asks_for_groups_that_are_not_told if {
	_raised == {"review": _unasked("list-removal")} with input as _asked("presence", _july, {"id": "works-013"}, _analytics, _python)
	_raised == {"review": _unasked("list-notice")} with input as _asked("presence", _notice, {"id": "works-013", "groups": []}, _analytics, _python)
}

test_warns_of_old_versions_from_march if {
	_raised == {"warn": _too_old("floor-notice")} with input as _asked("presence", _floors, _pilot, "example-works.vpn", _old)
	_raised == {} with input as _asked("presence", _floors - 1, _pilot, "example-works.vpn", _old)
}

test_the_rollout_reaches_a_tenth_then_half_then_everyone if {
	effects := [name |
		some host in [_pilot, _half, _rest]
		some now_ns in [_may - 1, _may, _june - 1, _june, _july - 1, _july]
		raised := _raised with input as _asked("presence", now_ns, host, "example-works.vpn", _old)
		some name, _ in raised
	]
	effects == [
		"warn", "deny", "deny", "deny", "deny", "deny",
		"warn", "warn", "warn", "deny", "deny", "deny",
		"warn", "warn", "warn", "warn", "warn", "deny",
	]
}

test_a_denial_names_its_stage if {
	_raised == {"deny": _too_old("pilot")} with input as _asked("use", _may, _pilot, "example-works.vpn", _old)
	_raised == {"deny": _too_old("half")} with input as _asked("install", _june, _half, "example-works.vpn", _old)
	_raised == {"deny": _too_old("everyone")} with input as _asked("presence", _july, _rest, "example-works.vpn", _old)
}

test_a_version_at_the_floor_or_above_is_approved if {
	every version in {"4.2-1", "4.10-1", "1:1.0-1"} {
		_raised == {} with input as _asked("presence", _july, _pilot, "example-works.vpn", {"source": "deb_packages", "version": version})
	}
}

test_each_inventory_has_its_own_floor if {
	_raised == {} with input as _asked("presence", _july, _pilot, "example-works.vpn", {"source": "programs", "version": "4.2.0.0"})
	_raised == {"deny": {{"identified": 0, "phase": "everyone", "detail": "approved from version 4.2 on; network@example.org answers for it", "remediation": "Update the software."}}} with input as _asked("presence", _july, _pilot, "example-works.vpn", {"source": "programs", "version": "4.1.9"})
}

test_asks_where_a_version_cannot_be_compared if {
	every software in [
		{"source": "programs", "version": "nightly"},
		{"source": "programs"},
		{"source": "process", "version": "4.1"},
		{"version": "4.1"},
	] {
		_raised == {"review": _untold} with input as _asked("presence", _july, _pilot, "example-works.vpn", software)
	}
}
