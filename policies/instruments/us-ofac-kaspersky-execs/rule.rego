# METADATA
# title: OFAC designation of Kaspersky executives
# description: >-
#   Context alone: twelve persons are designated, their company is not. No software
#   on a device is a finding, so that the package holds no rule.
# related_resources:
#   - https://www.universenewsnetwork.com/2024/06/24/action-against-kaspersky-lab-leadership-due-to-continued-cybersecurity-threats/
#   - https://lbttechgroup.com/index.php/blog/us-sanctions-12-kaspersky-lab-execs-for-working-in-russian-tech-sector?format=amp
# custom: {instrument: us-ofac-kaspersky-execs}
package restrictions.us_ofac_kaspersky_execs
