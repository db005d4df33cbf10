# METADATA
# title: Application stores and hosts of TikTok
# description: >-
#   Context alone: the Act binds stores and hosts. No software on a device is a
#   finding, so that the package holds no rule.
# related_resources:
#   - https://www.coinlive.com/news/trump-s-executive-order-ensuring-tiktok-s-us-operations-while-taking-national
#   - https://stoptheccp.org/is-tiktok-running-out-of-time-or-has-it-already-run-out-of-time
# custom: {instrument: us-pafaca}
package restrictions.us_pafaca
