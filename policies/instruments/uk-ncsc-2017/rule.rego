# METADATA
# title: NCSC letter on Russian anti-virus providers
# description: >-
#   Warns departments of Kaspersky anti-virus software, since facts do not tell what
#   a device is classified for.
# related_resources:
#   - https://www.theregister.co.uk/2017/12/03/uk_government_bans_russian_anti_virus_software/
#   - https://www.theguardian.com/technology/2017/dec/02/dont-use-antivirus-firms-linked-to-russia-cyber-security-chief-tells-whitehall
# custom: {instrument: uk-ncsc-2017}
package restrictions.uk_ncsc_2017

import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "uk-ncsc-2017"

_bound := verdict.all([instrument.bound(_id), host.in_sector({"central-government"})])

warn contains finding.explained(i, answer, _classified) if {
	answer := instrument.answer(_id, _bound)
	some i in kaspersky.reach_antivirus.plain
}

_classified := "the advice is for systems that handle information at SECRET and above, and for some at OFFICIAL; facts do not tell the classification"
