// Admission that fails closed: a permit on an explicit ALLOW or WARN, and a reason for everything
// else.
//
// A Permit is made in one place, admit, from a decision that was checked against its question.

package embargo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// Decider judges one host and action: a [Client] or a [DecisionCache].
type Decider interface {
	DecideHost(ctx context.Context, request *embargov1.DecideHostRequest) (*embargov1.Decision, error)
}

// Gate lets an action through only if a server says so in time.
type Gate struct {
	decider  Decider
	deadline time.Duration
}

// NewGate makes a gate with a deadline of its own for each check, retries included. The decider's
// own deadline holds, too.
func NewGate(decider Decider, deadline time.Duration) *Gate {
	return &Gate{decider: decider, deadline: deadline}
}

// Permit says that an action may go ahead: a server decided ALLOW or WARN on exactly what was asked.
// Ask for a *Permit in the signature of what the gate protects. One that no gate made is not Valid.
type Permit struct {
	decision *embargov1.Decision
}

// Valid says whether a gate made the permit.
func (p *Permit) Valid() bool { return p != nil && opens(p.decision.GetEffect()) }

// Decision is the decision that opened the gate.
func (p *Permit) Decision() *embargov1.Decision { return p.decision }

// HasWarnings says whether the decision is WARN, so that its findings are worth showing.
func (p *Permit) HasWarnings() bool {
	return p.decision.GetEffect() == embargov1.Effect_EFFECT_WARN
}

// String names the effect. It has no facts, so that a permit may be logged.
func (p *Permit) String() string {
	if !p.Valid() {
		return "no permit"
	}
	return "permit by " + effectWord(p.decision.GetEffect())
}

// GoString is [Permit.String].
func (p *Permit) GoString() string { return p.String() }

// ClosedKind is the kind of reason for which a gate is closed.
type ClosedKind string

const (
	// ClosedDenied: an instrument in force forbids it.
	ClosedDenied ClosedKind = "denied"
	// ClosedReview: a person must decide.
	ClosedReview ClosedKind = "review"
	// ClosedIndeterminate: a policy could not be evaluated, so that a denial cannot be ruled out.
	ClosedIndeterminate ClosedKind = "indeterminate"
	// ClosedNoDecision: there is no decision, for whatever reason.
	ClosedNoDecision ClosedKind = "no_decision"
)

// ClosedError says why a gate is closed.
type ClosedError struct {
	// Kind is the kind of reason.
	Kind ClosedKind
	// Decision is the decision that closed the gate. Nil if there is none.
	Decision *embargov1.Decision
	// Err says why there is no decision. Nil if there is one.
	Err error
}

// Error names instruments and policies, and neither host nor software: those stand in Decision.
func (e *ClosedError) Error() string {
	switch e.Kind {
	case ClosedDenied:
		return "denied" + because(e.Decision)
	case ClosedReview:
		return "a person must decide" + because(e.Decision)
	case ClosedIndeterminate:
		return "not all policies could be evaluated" + because(e.Decision)
	}
	if e.Err != nil {
		return "no decision: " + e.Err.Error()
	}
	return "no decision"
}

// Unwrap is why there is no decision.
func (e *ClosedError) Unwrap() error { return e.Err }

// GoString is [ClosedError.Error].
func (e *ClosedError) GoString() string { return e.Error() }

// Check asks whether an action may go ahead. It takes no longer than the gate's deadline, and always
// gives either a permit or a *[ClosedError].
func (g *Gate) Check(ctx context.Context, request *embargov1.DecideHostRequest) (*Permit, error) {
	if g == nil || g.decider == nil {
		return nil, &ClosedError{Kind: ClosedNoDecision, Err: errors.New("the gate has nobody to ask; hint: make it by NewGate")}
	}
	// What was asked must be what it was when the question left.
	request, _ = proto.Clone(request).(*embargov1.DecideHostRequest)
	bounded, cancel := context.WithTimeout(ctx, g.deadline)
	defer cancel()
	decision, err := g.decider.DecideHost(bounded, request)
	if err == nil && bounded.Err() != nil {
		// An answer that came too late is none.
		err = g.late(ctx)
	}
	if err == nil {
		here := place{method: "DecideHost", endpoint: "the gate"}
		decision, err = askedBy(request, request.GetEvaluateTime()).accept(decision, here)
	}
	if err != nil {
		return nil, &ClosedError{Kind: ClosedNoDecision, Err: err}
	}
	return admit(decision)
}

func (g *Gate) late(caller context.Context) error {
	here := place{method: "DecideHost", endpoint: "the gate"}
	if caller.Err() != nil {
		return here.left(caller.Err())
	}
	return here.failure(KindDeadline, codes.DeadlineExceeded, fmt.Sprintf("no answer within %v", g.deadline))
}

// opens is the one place that says which effects open a gate.
func opens(effect embargov1.Effect) bool {
	return effect == embargov1.Effect_EFFECT_ALLOW || effect == embargov1.Effect_EFFECT_WARN
}

// admit is the only maker of permits.
func admit(decision *embargov1.Decision) (*Permit, error) {
	effect := decision.GetEffect()
	if opens(effect) {
		return &Permit{decision: decision}, nil
	}
	closed := &ClosedError{Decision: decision}
	switch effect {
	case embargov1.Effect_EFFECT_DENY:
		closed.Kind = ClosedDenied
	case embargov1.Effect_EFFECT_REVIEW:
		closed.Kind = ClosedReview
	default:
		closed.Kind = ClosedIndeterminate
	}
	return nil, closed
}

// because names the first finding, which is the strongest, or else the first failure.
func because(decision *embargov1.Decision) string {
	if findings := decision.GetFindings(); len(findings) > 0 {
		return ": " + findings[0].GetInstrumentId()
	}
	if failures := decision.GetFailures(); len(failures) > 0 {
		return fmt.Sprintf(": policy %q failed", failures[0].GetPolicyId())
	}
	return ""
}

func effectWord(effect embargov1.Effect) string {
	switch effect {
	case embargov1.Effect_EFFECT_ALLOW:
		return "ALLOW"
	case embargov1.Effect_EFFECT_WARN:
		return "WARN"
	}
	return "no effect"
}
