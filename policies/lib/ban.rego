# METADATA
# title: A ban on products
# description: |
#   Sorts what a ban reaches into a rule's sets. `reach` holds positions in
#   `input.identified`: those `plain` in its words take the effect in force; those
#   `doubtful`, each with its reason, are at most a question for a person; a removal
#   tool is `tolerated` with a warning while the device is being cleaned.
package lib.ban

import data.lib.finding
import data.lib.host
import data.lib.verdict

# Entries of `deny`.
denied(answer, reach) := _plain("deny", answer, reach)

# Entries of `review`.
reviewed(answer, reach) := (_plain("review", answer, reach) | _doubtful({"deny", "review"}, answer, reach)) | _untimely(answer, reach)

# Entries of `warn`.
warned(answer, reach) := (_plain("warn", answer, reach) | _doubtful({"warn"}, answer, reach)) | _timely(answer, reach)

_plain(effect, answer, reach) := {finding.on(i, answer) |
	answer.effect == effect
	some i in reach.plain
}

_doubtful(effects, answer, reach) := {finding.explained(i, answer, detail) |
	answer.effect in effects
	some i, detail in reach.doubtful
}

# Entries on a removal tool on a device that nobody says is being cleaned.
_untimely(answer, reach) := {finding.explained(i, asking, _tool) |
	answer.effect in {"deny", "review"}
	_cleaning.is != "yes"
	asking := object.union(answer, {"missing": verdict.missing([answer, _cleaning])})
	some i in reach.tolerated
}

# Entries on a removal tool in its time, or before anything is prohibited.
_timely(answer, reach) := {finding.explained(i, answer, _tool) |
	_tolerable(answer)
	some i in reach.tolerated
}

_tolerable(answer) if answer.effect == "warn"

_tolerable(_) if _cleaning.is == "yes"

_cleaning := host.used_for({"remediation"})

_tool := "the vendor's removal tool is software of the vendor, and that this reaches it is a matter of interpretation; it is tolerated while the device is being cleaned"
