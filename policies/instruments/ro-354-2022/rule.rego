# METADATA
# title: Security software of Russian origin in Romanian authorities
# description: >-
#   Denies anti-virus, EDR and VPN products of Kaspersky and Dr.Web in public
#   authorities once the latest reading of the deadline has passed; before it, warns
#   and then asks. Private networks that handle classified information are bound too,
#   which facts do not tell.
# related_resources:
#   - https://www.epochtimes-romania.com/news/e-oficial-in-institutiile-publice-din-romania-sunt-interzise-software-urile-antivirus-de-provenienta-rusa-directa-sau-indirecta---338055
#   - https://dailybusiness.ro/stiri-interne/institutiile-publice-trebuie-sa-dezinstaleze-antivirusii-din-rusia-pana-in-martie-2023-ce-amenzi-sunt-prevazute-in-noua-lege-318378
# custom: {instrument: ro-354-2022}
package restrictions.ro_354_2022

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.verdict

_id := "ro-354-2022"

_answer := instrument.answer(_id, verdict.all([instrument.bound(_id), host.owned_by({"government"})]))

_reach := {
	"plain": _standing({"antivirus", "antivirus-engine", "edr-agent", "scanner", "vpn"}),
	"doubtful": {i: _kind |
		some i in (_embedded | _standing({"industrial", "management-agent", "security-software"}))
	},
	"tolerated": set(),
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

review contains finding.explained(i, answer, _classified) if {
	host.said_to_work_in({"defense"}).is == "yes"
	answer := instrument.answer(_id, verdict.all([instrument.bound(_id), host.owned_by({"contractor", "business"})]))
	some i in _reach.plain
}

_makers := {"drweb", "kaspersky"}

# What stands on its own and is of one of these classes.
_standing(classes) := {i |
	some i, found in input.identified
	found.vendor in _makers
	found.class in classes
	not found.software.embedded_in
}

# Code inside the product of another maker.
_embedded contains i if {
	some i, found in input.identified
	found.vendor in _makers
	not found.class in {"developer-library", "removal-tool"}
	found.software.embedded_in
}

_kind := "whether this is among the kinds of product that the law lists is a matter of interpretation"

_classified := "networks that handle classified information are bound whoever runs them; facts do not tell whether this is one"
