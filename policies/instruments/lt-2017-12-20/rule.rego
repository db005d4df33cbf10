# METADATA
# title: Kaspersky in Lithuanian critical information infrastructure
# description: >-
#   Denies installing and buying for operators of critical information
#   infrastructure and of state information resources; what is there already is a
#   question for a person, since no deadline was found. Of private firms in finance
#   sources disagree.
# related_resources:
#   - http://www.baltic-course.com/eng/Technology/?doc=136187
#   - http://en.chinagate.cn/2017-12/22/content_50119115.htm
# custom: {instrument: lt-2017-12-20}
package restrictions.lt_2017_12_20

import data.lib.ban
import data.lib.finding
import data.lib.host
import data.lib.instrument
import data.lib.kaspersky
import data.lib.verdict

_id := "lt-2017-12-20"

_operator := verdict.any([host.said_to_work_in({"critical-infrastructure"}), _state])

_state := verdict.all([
	host.owned_by({"government"}),
	host.in_sector({"central-government", "public-administration"}),
])

_answer := instrument.answer(_id, verdict.all([instrument.bound(_id), _operator]))

deny contains entry if some entry in ban.denied(_answer, kaspersky.reach)

review contains entry if some entry in ban.reviewed(_answer, kaspersky.reach)

warn contains entry if some entry in ban.warned(_answer, kaspersky.reach)

review contains finding.explained(i, answer, _disputed) if {
	_operator.is != "yes"
	host.said_to_work_in({"financial-services"}).is == "yes"
	answer := instrument.answer(_id, verdict.all([instrument.bound(_id), host.owned_by({"contractor", "business"})]))
	some i in kaspersky.products
}

_disputed := "sources disagree on whether private companies of this sector are bound"
