# METADATA
# title: Security software of Russian origin in Romanian authorities
# description: >-
#   Denies anti-virus, EDR and VPN products of Kaspersky in public authorities once the
#   latest reading of the deadline has passed; before it, warns and then asks. Dr.Web
#   is at most a question for a person, as its origin is not verified. Private networks
#   that handle classified information are bound too, which facts do not tell.
# related_resources:
#   - https://www.epochtimes-romania.com/news/e-oficial-in-institutiile-publice-din-romania-sunt-interzise-software-urile-antivirus-de-provenienta-rusa-directa-sau-indirecta---338055
#   - https://dailybusiness.ro/stiri-interne/institutiile-publice-trebuie-sa-dezinstaleze-antivirusii-din-rusia-pana-in-martie-2023-ce-amenzi-sunt-prevazute-in-noua-lege-318378
# custom: {instrument: ro-354-2022}
package restrictions.ro_354_2022

import data.lib.ban
import data.lib.host
import data.lib.instrument
import data.lib.verdict

_id := "ro-354-2022"

_answer := instrument.answer(_id, verdict.all([instrument.bound(_id), host.owned_by({"government"})]))

# What the law lists, and what may be counted among it.
_listed := {"antivirus", "antivirus-engine", "edr-agent", "scanner", "vpn"}

_borderline := {"industrial", "management-agent", "management-server", "security-software"}

_reach := {
	"plain": _standing("kaspersky", _listed),
	"doubtful": object.union(
		{i: _kind | some i in (_embedded("kaspersky") | _standing("kaspersky", _borderline))},
		{i: _origin | some i in (_embedded("drweb") | _standing("drweb", _listed | _borderline))},
	),
	"tolerated": set(),
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

# Firms in defence, some of whose networks handle classified information.
_firm := instrument.answer(_id, verdict.all([
	instrument.bound(_id),
	host.owned_by({"contractor", "business"}),
	host.said_to_work_in({"defense"}),
]))

_on_classified := {
	"plain": set(),
	"doubtful": {i: _classified | some i in (_standing("kaspersky", _listed) | _standing("drweb", _listed))},
	"tolerated": set(),
}

review contains entry if some entry in ban.reviewed(_firm, _on_classified)

warn contains entry if some entry in ban.warned(_firm, _on_classified)

# What stands on its own and is of one of these classes.
_standing(vendor, classes) := {i |
	some i, found in input.identified
	found.vendor == vendor
	found.class in classes
	not found.software.embedded_in
}

# Code inside the product of another maker.
_embedded(vendor) := {i |
	some i, found in input.identified
	found.vendor == vendor
	not found.class in {"developer-library", "removal-tool"}
	found.software.embedded_in
}

_kind := "whether this is among the kinds of product that the law lists is a matter of interpretation"

_origin := "that its maker is Russian is recalled and not verified"

_classified := "networks that handle classified information are bound whoever runs them; facts do not tell whether this is one"
