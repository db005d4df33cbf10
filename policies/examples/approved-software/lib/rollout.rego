# METADATA
# title: Staged rollouts
# description: |
#   Puts hosts into an order that depends on a salt and their ids alone, so that every
#   machine gives the same answer and a larger share keeps the hosts of a smaller one.
package lib.rollout

# The host is among the first `share` percent.
reached(salt, id, share) if place(salt, id) * 100 < share * 4096

# A number from 0 to 4095, from the first three digits of a digest.
place(salt, id) := ((_digit(digest, 0) * 256) + (_digit(digest, 1) * 16)) + _digit(digest, 2) if {
	digest := crypto.sha256(concat("/", [salt, id]))
}

_digit(digest, at) := indexof("0123456789abcdef", substring(digest, at, 1))
