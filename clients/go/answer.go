// Whether what came back is a decision on what was asked.
//
// There is one way from a message to a decision that callers see, asked.accept, and it refuses
// whatever it does not know. Its words name no host.

package embargo

import (
	"fmt"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// asked is what was asked, as far as an answer repeats it.
type asked struct {
	hostID       string
	action       embargov1.Action
	evaluateTime *timestamppb.Timestamp
	snapshotID   string
}

// hostQuestion is what all requests for a decision on one host have.
type hostQuestion interface {
	GetFacts() *embargov1.HostFacts
	GetAction() embargov1.Action
	GetRequireSnapshotId() string
}

func askedBy(request hostQuestion, evaluateTime *timestamppb.Timestamp) asked {
	return asked{
		hostID:       request.GetFacts().GetHostId(),
		action:       actionOf(request.GetAction()),
		evaluateTime: evaluateTime,
		snapshotID:   request.GetRequireSnapshotId(),
	}
}

// actionOf is the action that a server judges.
func actionOf(action embargov1.Action) embargov1.Action {
	if action == embargov1.Action_ACTION_UNSPECIFIED {
		return embargov1.Action_ACTION_PRESENCE
	}
	return action
}

// about is the same question about a host that the answer names.
func (a asked) about(hostID string) asked {
	a.hostID = hostID
	return a
}

// at is the same question at another instant.
func (a asked) at(instant *timestamppb.Timestamp) asked {
	a.evaluateTime = instant
	return a
}

// doubt says why a decision is none on what was asked, or is empty.
func (a asked) doubt(decision *embargov1.Decision) string {
	if decision == nil {
		return "the answer holds no decision"
	}
	switch decision.GetEffect() {
	case embargov1.Effect_EFFECT_ALLOW, embargov1.Effect_EFFECT_WARN,
		embargov1.Effect_EFFECT_REVIEW, embargov1.Effect_EFFECT_INDETERMINATE,
		embargov1.Effect_EFFECT_DENY:
	case embargov1.Effect_EFFECT_UNSPECIFIED:
		return "the decision has no effect"
	default:
		return fmt.Sprintf("the decision has the unknown effect %d", decision.GetEffect())
	}
	// A question about no host has no answer, even if the answer names none either.
	if a.hostID == "" {
		return "the request names no host"
	}
	if a.hostID != decision.GetHostId() {
		return "the decision is on another host than was asked"
	}
	if a.action != decision.GetAction() {
		return fmt.Sprintf("the decision is on action %d, asked was %d", decision.GetAction(), a.action)
	}
	if a.evaluateTime != nil && !sameInstant(a.evaluateTime, decision.GetEvaluateTime()) {
		return "the decision is for another instant than was asked"
	}
	if a.snapshotID != "" && a.snapshotID != decision.GetSnapshotId() {
		return fmt.Sprintf("the decision is by snapshot %q, required was %q", decision.GetSnapshotId(), a.snapshotID)
	}
	return ""
}

func sameInstant(one, other *timestamppb.Timestamp) bool {
	return other != nil && one.GetSeconds() == other.GetSeconds() && one.GetNanos() == other.GetNanos()
}

func (a asked) accept(decision *embargov1.Decision, at place) (*embargov1.Decision, error) {
	if doubt := a.doubt(decision); doubt != "" {
		return nil, at.noDecision(doubt)
	}
	return decision, nil
}

// acceptResult is the same for an item of a batch or stream.
func (a asked) acceptResult(result *embargov1.DecideResult, at place) (*embargov1.Decision, error) {
	if refusal, is := result.GetResult().(*embargov1.DecideResult_Error); is {
		return nil, at.answered(status.FromProto(refusal.Error))
	}
	return a.accept(result.GetDecision(), at)
}

// acceptHost is the same for a host of an inventory.
func (a asked) acceptHost(result *embargov1.InventoryResult, at place) (*embargov1.Decision, error) {
	if refusal, is := result.GetResult().(*embargov1.InventoryResult_Error); is {
		return nil, at.answered(status.FromProto(refusal.Error))
	}
	return a.accept(result.GetDecision(), at)
}
