# METADATA
# title: Versions in relation to a floor
# description: |
#   The only place that calls the engine's function for versions. OPA does not know it; to
#   run these rules there, replace the body of `relation`.
package lib.version

# Where a version stands in relation to a floor under a scheme of the engine: "less",
# "equal", "greater", or "unknown" where one of the two is no version of the scheme.
relation(scheme, version, floor) := embargo.version_compare(scheme, version, floor)
