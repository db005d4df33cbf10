# METADATA
# title: Kaspersky-branded products in federal agencies
# description: >-
#   Warns from the issue of the directive and denies from day 90. National security
#   systems and the legislature are not bound; of the Defense Department a part is
#   carved out that facts do not tell, so that a person decides. Embedded code,
#   threat intelligence and training are exempt.
# related_resources:
#   - https://govinfo.gov/content/pkg/FR-2017-09-19/html/2017-19838.htm
#   - https://www.cisa.gov/news-events/directives/binding-operational-directive-17-01
# custom: {instrument: us-dhs-bod-17-01}
package restrictions.us_dhs_bod_17_01

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "us-dhs-bod-17-01"

_bound := verdict.all([instrument.bound(_id), _executive])

_executive := verdict.no if {
	host.in_sector({"national-security-system", "us-house", "parliament"}).is == "yes"
} else := verdict.yes if {
	host.in_sector({"federal-civilian"}).is == "yes"
} else := verdict.unknown("host.owner.sectors")

_answer := instrument.answer(_id, _bound)

_reach := {
	"plain": kaspersky.products - kaspersky.informational,
	"doubtful": {i: kaspersky.doubt.library | some i in kaspersky.libraries},
	"tolerated": kaspersky.removal_tools,
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

exempt contains finding.exempt(i, "code embedded in products of other companies is exempt from the directive", "") if {
	_answer
	some i in kaspersky.embedded
}

exempt contains finding.exempt(i, "Kaspersky Threat Intelligence and Kaspersky Security Training are exempt from the directive", "") if {
	_answer
	some i in kaspersky.informational
}
