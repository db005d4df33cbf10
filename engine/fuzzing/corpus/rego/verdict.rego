# METADATA
# title: Verdicts in three values
# description: |
#   A condition about a host holds, does not hold, or cannot be told because a fact
#   was not collected. A verdict says which, and names what is missing, so that an
#   absent fact never counts as "no".
package lib.verdict

yes := {"is": "yes", "missing": []}

no := {"is": "no", "missing": []}

# A verdict that turns on a fact that is absent; `path` is the path below `input`.
unknown(path) := {"is": "unknown", "missing": [path]}

# A condition that rests on facts that are there.
of(true) := yes

of(false) := no

# Holds if every verdict holds; one "no" settles it, whatever is missing.
all(verdicts) := no if {
	some verdict in verdicts
	verdict.is == "no"
} else := {"is": "unknown", "missing": missing(verdicts)} if {
	some verdict in verdicts
	verdict.is == "unknown"
} else := yes

# Holds if one verdict holds; one "yes" settles it, whatever is missing.
any(verdicts) := yes if {
	some verdict in verdicts
	verdict.is == "yes"
} else := {"is": "unknown", "missing": missing(verdicts)} if {
	some verdict in verdicts
	verdict.is == "unknown"
} else := no

# Holds if the verdict does not.
negate(verdict) := no if {
	verdict.is == "yes"
} else := yes if {
	verdict.is == "no"
} else := verdict

# The facts that are missing in any of the verdicts, in order and once each.
missing(verdicts) := sort({path |
	some verdict in verdicts
	some path in verdict.missing
})

# What is left of an effect when it is not certain that the host is bound: a denial
# becomes a question for a person, and nothing is left where the host is not bound.
weaken(effect, verdict) := effect if {
	verdict.is == "yes"
} else := "review" if {
	verdict.is == "unknown"
	effect in {"deny", "review"}
} else := "warn" if {
	verdict.is == "unknown"
	effect == "warn"
}
