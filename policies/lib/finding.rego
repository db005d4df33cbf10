# METADATA
# title: Entries of a rule's sets
# description: |
#   One constructor for all entries. It leaves out what there is nothing to say about,
#   so that the instrument's own message and remediation stand.
package lib.finding

# A finding on the identification at position `i`, on the strength of an answer of
# `lib.instrument`.
on(i, answer) := _entry(i, object.get(answer, "phase", ""), answer.missing, answer.detail)

# The same with a detail. What the answer itself has to say follows it.
explained(i, answer, detail) := _entry(i, object.get(answer, "phase", ""), answer.missing, text) if {
	text := concat("; ", [part | some part in [detail, answer.detail]; part != ""])
}

# An entry of `exempt`: the instrument itself lets the identification pass.
exempt(i, message, detail) := object.union(_entry(i, "", [], detail), {
	"message": message,
	"remediation": "Nothing needs to be done.",
})

_entry(i, phase, missing, detail) := {key: value |
	some key, value in {"identified": i, "phase": phase, "missing": missing, "detail": detail}
	not value in {"", []}
}
