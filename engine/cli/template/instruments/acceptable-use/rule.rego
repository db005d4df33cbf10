# METADATA
# title: Acceptable use, messengers
# description: >-
#   Warns of Example Messenger on devices of the company until it must be removed, and denies it
#   from then on. Where nobody said whose device it is, a person is asked.
# custom: {instrument: acceptable-use}
package restrictions.acceptable_use

import data.lib.ban
import data.lib.instrument
import data.lib.named

_id := "acceptable-use"

_answer := instrument.answer(_id, instrument.bound(_id))

_reach := named.reach({"example-chat.messenger"})

deny contains entry if some entry in ban.denied(_answer, _reach)

review contains entry if some entry in ban.reviewed(_answer, _reach)

warn contains entry if some entry in ban.warned(_answer, _reach)
