# METADATA
# title: Notice of the Berlin data protection commissioner on DeepSeek (DSA art. 16)
# description: >-
#   Context alone: the notice addresses app stores. No software on a device is a
#   finding, so that the package holds no rule.
# related_resources:
#   - https://www.aigovbrief.com/enforcement/berlin-commissioner-for-data-protection-and-freedom-of-information-ai-data-transfers-and-the-dsa-lessons-from-the-deepseek-takedown-case
# custom: {instrument: de-berlin-dsa16}
package restrictions.de_berlin_dsa16
