# METADATA
# title: Kaspersky and U.S. persons
# description: >-
#   Denies what the vendor and its resellers may no longer do for a U.S. person,
#   wherever located, and warns a user, who is never prohibited from having the
#   software. Threat intelligence and training are exempt. Whether the owner is a
#   U.S. person is asked where it is not told: that is not the same as no.
# related_resources:
#   - https://regulations.justia.com/regulations/fedreg/2024/06/24/2024-13532.html
#   - https://goldseiten-forum.com/user-post-list/2873-bembelpetzer/?pageNo=5
# custom: {instrument: us-bis-icts-2021-002}
package restrictions.us_bis_icts_2021_002

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky

_id := "us-bis-icts-2021-002"

_answer := instrument.answer(_id, host.us_person)

_covered := (kaspersky.products | kaspersky.embedded) - kaspersky.informational

# Who buys a product with an engine inside has no agreement with Kaspersky.
_bought_inside := kaspersky.embedded if input.action == "acquire"

else := set()

_reach := {
	"plain": _covered - _bought_inside,
	"doubtful": {i: _not_a_party | some i in _bought_inside},
	"tolerated": kaspersky.removal_tools,
}

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)

# The cloud may not be operated in the United States, whoever owns the device.
review contains finding.explained(i, answer, _in_the_us) if {
	input.action == "connect"
	host.us_person.is == "no"
	answer := instrument.answer(_id, host.within({"US"}))
	answer.effect in {"deny", "review"}
	some i in _covered
}

exempt contains finding.exempt(i, _informational, "") if {
	_answer
	some i in kaspersky.informational
}

_not_a_party := "the agreement is with the maker of the product that it is embedded in; that maker may no longer integrate it for U.S. persons from 2024-09-29T04:00:00Z on"

_in_the_us := "the owner is no U.S. person, but the network may not be operated in the United States either; where the device runs is a question for a person"

_informational := "threat intelligence, training and purely informational services of Kaspersky are exempt from the determination"
