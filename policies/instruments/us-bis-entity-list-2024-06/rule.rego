# METADATA
# title: Entity List entries for Kaspersky companies
# description: >-
#   Context alone: the list binds exporters to the companies. No software on a
#   device is a finding, so that the package holds no rule.
# related_resources:
#   - https://www.govinfo.gov/content/pkg/FR-2024-06-24/html/2024-13695.htm
#   - https://www.universenewsnetwork.com/2024/06/24/action-against-kaspersky-lab-leadership-due-to-continued-cybersecurity-threats/
# custom: {instrument: us-bis-entity-list-2024-06}
package restrictions.us_bis_entity_list_2024_06
