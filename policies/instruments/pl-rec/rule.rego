# METADATA
# title: Polish recommendation against four Kaspersky products
# description: >-
#   Warns entities of the national cybersecurity system of the four products that
#   the recommendation names. Firms that state no sector of that system are not
#   addressed.
# related_resources:
#   - https://www.komputerswiat.pl/aktualnosci/bezpieczenstwo/rzad-rekomenduje-niekorzystanie-z-oprogramowania-antywirusowego-kaspersky/tdmnh41
# custom: {instrument: pl-rec}
package restrictions.pl_rec

import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.verdict

_id := "pl-rec"

_addressed := verdict.any([
	host.owned_by({"government"}),
	host.said_to_work_in({"critical-infrastructure", "financial-services", "telecommunications"}),
])

warn contains finding.on(i, answer) if {
	answer := instrument.answer(_id, verdict.all([instrument.bound(_id), _addressed]))
	some i, found in input.identified
	found.product in _named
	not found.software.embedded_in
}

_named := {
	"kaspersky.anti-virus",
	"kaspersky.internet-security",
	"kaspersky.safe-kids",
	"kaspersky.total-security",
}
