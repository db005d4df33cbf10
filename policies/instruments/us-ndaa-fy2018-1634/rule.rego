# METADATA
# title: Kaspersky in the US federal government
# description: >-
#   Denies every Kaspersky product, embedded code included, on what the Federal
#   Government owns. The section names no exemption. Two readings that the text does
#   not settle do not deny by themselves: developer libraries are a question for a
#   person, and the vendor's removal tool is tolerated while a device is cleaned.
# related_resources:
#   - http://www.wifcon.com/dodauth18/dod18_1634.htm
# custom: {instrument: us-ndaa-fy2018-1634}
package restrictions.us_ndaa_fy2018_1634

import data.lib.host
import data.lib.instrument
import data.lib.verdict

_bound := instrument.bound("us-ndaa-fy2018-1634")

_in_force := verdict.weaken(instrument.effect("us-ndaa-fy2018-1634"), _bound)

_remediation := host.used_for({"remediation"})

# What the text plainly reaches.
_plain(found) if {
	found.vendor == "kaspersky"
	not found.class in {"developer-library", "removal-tool"}
}

deny contains {"identified": i} if {
	_in_force == "deny"
	some i, found in input.identified
	_plain(found)
}

review contains {"identified": i, "missing": _bound.missing} if {
	_in_force == "review"
	some i, found in input.identified
	_plain(found)
}

review contains {"identified": i, "missing": _bound.missing, "detail": _library} if {
	_in_force
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class == "developer-library"
}

review contains {"identified": i, "missing": _remediation.missing, "detail": _tool} if {
	_in_force
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class == "removal-tool"
	_remediation.is != "yes"
}

warn contains {"identified": i, "detail": _tool} if {
	_in_force
	some i, found in input.identified
	found.vendor == "kaspersky"
	found.class == "removal-tool"
	_remediation.is == "yes"
}

_library := "a developer library written by Kaspersky is in scope only by interpretation of the words \"developed in whole or in part\""

_tool := "the vendor's removal tool is Kaspersky software, so that the section technically reaches it; tolerated only while the device is being cleaned"
