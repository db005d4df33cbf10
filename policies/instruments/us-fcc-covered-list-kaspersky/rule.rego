# METADATA
# title: FCC Covered List entry for Kaspersky
# description: >-
#   Context alone: the list withholds subsidies and equipment authorizations. No
#   software on a device is a finding, so that the package holds no rule.
# related_resources:
#   - https://docs.fcc.gov/public/attachments/DA-22-320A1.txt
#   - https://chjunkong.com/129496/security/us-fcc-bans-kaspersky.html
# custom: {instrument: us-fcc-covered-list-kaspersky}
package restrictions.us_fcc_covered_list_kaspersky
