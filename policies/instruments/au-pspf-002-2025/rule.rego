# METADATA
# title: Kaspersky in non-corporate Commonwealth entities
# description: >-
#   Denies installing from the issue of the direction; warns of what is there until
#   the deadline and denies it from then on. Products of other makers with embedded
#   code are exempt, by one source.
# related_resources:
#   - https://www.govtechreview.com.au/content/gov-security/news/kaspersky-products-banned-from-government-systems-and-devices-1649955975
#   - https://cyberinsider.com/australia-bans-kaspersky-software-over-national-security-concerns
# custom: {instrument: au-pspf-002-2025}
package restrictions.au_pspf_002_2025

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "au-pspf-002-2025"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"non-corporate-commonwealth-entity"})])

_answer := instrument.answer(_id, _bound)

_reach := {
	"plain": kaspersky.products,
	"doubtful": {i: kaspersky.doubt.library | some i in kaspersky.libraries},
	"tolerated": kaspersky.removal_tools,
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

exempt contains finding.exempt(i, "products of other makers with embedded Kaspersky code are exempt from the direction", "one secondary source alone says so") if {
	_answer
	some i in kaspersky.embedded
}
