# METADATA
# title: No general federal rule on DeepSeek
# description: >-
#   Context alone: the bill was not found enacted. No software on a device is a
#   finding, so that the package holds no rule.
# custom: {instrument: us-federal-general}
package restrictions.us_federal_general
