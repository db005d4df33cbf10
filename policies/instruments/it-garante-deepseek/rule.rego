# METADATA
# title: Order of the Italian data protection authority against DeepSeek
# description: >-
#   Context alone: the order binds the companies. No software on a device is a
#   finding, so that the package holds no rule.
# related_resources:
#   - https://digitalpolicyalert.org/event/26337-data-protection-authority-blocks-deepseek-and-opens-investigation-into-the-companys-data-processing-practices
#   - https://www.pulse-z.eu/it/?p=51274
# custom: {instrument: it-garante-deepseek}
package restrictions.it_garante_deepseek
