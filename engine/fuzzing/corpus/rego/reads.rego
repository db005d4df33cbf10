package restrictions.r

import data.lib.nothing as n

f(x) := y if y := x * 2 else := 0

g([a, b], {"k": c}) := a + b + c

default h(_) := 1

limits[host] := n.x if { host := input.host.id }

a.b.c := 1

partial[k] contains v if some k, v in {"x": [1, 2], "y": {3}}

deny contains "m" if {
	f(2) == 4
	x := input.host.attributes.rack
	[y, _] := [x + 1, x - 1]
	y % 2 == 0
	z := {1, 2} | {3} & {3, 4}
	count(z - {1}) > 1
	walk(input.host, [path, value])
	value == "lab"
	regex.match(`^h[a-z]+-\d$`, input.host.id)
	json.marshal({"a": path}) != ""
} 

warn contains "t" if {
	some phase in data.instruments["acme-order"].phases
	input.now_ns < phase.until_ns
}
