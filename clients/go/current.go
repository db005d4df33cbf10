// How long a decision may be kept.

package embargo

import (
	"time"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// DecisionIsCurrent says whether a decision holds at an instant: from its evaluate_time until, and
// without, its next_change_time.
//
// It holds only as long as the facts are the same and its snapshot stays active, which
// [Client.WatchSnapshot] tells. A decision that states no instant or no effect that this release
// knows never holds, and neither does one from a server whose clock is ahead, until now has caught
// up.
func DecisionIsCurrent(decision *embargov1.Decision, now time.Time) bool {
	start, change := decision.GetEvaluateTime(), decision.GetNextChangeTime()
	if !start.IsValid() || now.Before(start.AsTime()) {
		return false
	}
	if change != nil && (!change.IsValid() || !now.Before(change.AsTime())) {
		return false
	}
	effect := decision.GetEffect()
	return effect >= embargov1.Effect_EFFECT_ALLOW && effect <= embargov1.Effect_EFFECT_DENY
}
