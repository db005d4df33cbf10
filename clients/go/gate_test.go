// The gate fails closed: of everything that a server or a network can do, an explicit ALLOW or WARN
// on exactly what was asked alone opens it.

package embargo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// closedBy is why a gate is closed. It fails if the gate is open, or neither.
func closedBy(t *testing.T, gate *Gate, request *v1.DecideHostRequest) *ClosedError {
	t.Helper()
	permit, err := gate.Check(t.Context(), request)
	var closed *ClosedError
	if permit != nil || permit.Valid() || !errors.As(err, &closed) {
		t.Fatalf("the gate is not closed: %v, %v", permit, err)
	}
	return closed
}

func TestOfAllEffectsOnlyAllowAndWarnOpenTheGate(t *testing.T) {
	server := new(fake).start(t)
	gate := NewGate(server.client(t), long)
	kinds := map[v1.Effect]ClosedKind{
		v1.Effect_EFFECT_DENY:          ClosedDenied,
		v1.Effect_EFFECT_REVIEW:        ClosedReview,
		v1.Effect_EFFECT_INDETERMINATE: ClosedIndeterminate,
	}
	effects := []v1.Effect{math.MinInt32, 99, math.MaxInt32}
	for number := v1.Effect(-1); number <= 16; number++ {
		effects = append(effects, number)
	}
	for _, effect := range effects {
		server.decide = deciding(decision(effect))
		if effect == v1.Effect_EFFECT_ALLOW || effect == v1.Effect_EFFECT_WARN {
			permit, err := gate.Check(t.Context(), question())
			if err != nil || !permit.Valid() || !proto.Equal(permit.Decision(), decision(effect)) {
				t.Errorf("%v does not open it: %v", effect, err)
			}
			if permit.HasWarnings() != (effect == v1.Effect_EFFECT_WARN) {
				t.Errorf("%v has warnings: %v", effect, permit.HasWarnings())
			}
			continue
		}
		want, known := kinds[effect]
		if !known {
			want = ClosedNoDecision
		}
		if closed := closedBy(t, gate, question()); closed.Kind != want {
			t.Errorf("%v closes it as %s, wanted %s", effect, closed.Kind, want)
		}
	}
}

func TestEveryStatusClosesTheGate(t *testing.T) {
	server := new(fake).start(t)
	gate := NewGate(server.client(t), long)
	for code := codes.Code(1); code <= 17; code++ {
		server.decide = script(fail(code, "no"))
		closed := closedBy(t, gate, question())
		if closed.Kind != ClosedNoDecision || failureOf(t, closed).Kind != KindStatus {
			t.Errorf("%v closes it as %v", code, closed)
		}
	}
}

func TestADecisionOnAnythingElseThanWasAskedClosesTheGate(t *testing.T) {
	server := new(fake).start(t)
	gate := NewGate(server.client(t), long)
	asked := question()
	asked.EvaluateTime = timestamppb.New(time.Unix(1, 0))
	asked.RequireSnapshotId = "aa"

	server.decide = deciding(decision(v1.Effect_EFFECT_ALLOW))
	if _, err := gate.Check(t.Context(), asked); err != nil {
		t.Fatal("otherwise the rest proves nothing:", err)
	}
	for name, change := range map[string]func(*v1.Decision){
		"another host":     func(d *v1.Decision) { d.HostId = "host-2" },
		"no host":          func(d *v1.Decision) { d.HostId = "" },
		"another action":   func(d *v1.Decision) { d.Action = v1.Action_ACTION_PRESENCE },
		"no action":        func(d *v1.Decision) { d.Action = 0 },
		"another snapshot": func(d *v1.Decision) { d.SnapshotId = "bb" },
		"no snapshot":      func(d *v1.Decision) { d.SnapshotId = "" },
		"another instant":  func(d *v1.Decision) { d.EvaluateTime = timestamppb.New(time.Unix(2, 0)) },
		"no instant":       func(d *v1.Decision) { d.EvaluateTime = nil },
	} {
		t.Run(name, func(t *testing.T) {
			given := decision(v1.Effect_EFFECT_ALLOW)
			change(given)
			server.decide = deciding(given)
			if closed := closedBy(t, gate, asked); failureOf(t, closed).Kind != KindNoDecision {
				t.Error(closed)
			}
		})
	}
}

func TestAnAnswerWithoutADecisionClosesTheGate(t *testing.T) {
	server := &fake{decide: deciding(nil)}
	gate := NewGate(server.start(t).client(t), long)
	if closed := closedBy(t, gate, question()); failureOf(t, closed).Kind != KindNoDecision {
		t.Error(closed)
	}
}

func TestAQuestionAboutNoHostClosesTheGate(t *testing.T) {
	nobody := decision(v1.Effect_EFFECT_ALLOW)
	nobody.HostId = ""
	server := &fake{decide: deciding(nobody)}
	gate := NewGate(server.start(t).client(t), long)
	unasked := question()
	unasked.Facts = nil
	for _, request := range []*v1.DecideHostRequest{unasked, nil} {
		if closed := closedBy(t, gate, request); closed.Kind != ClosedNoDecision {
			t.Error(closed)
		}
	}
}

func TestAServerThatHangsClosesTheGateAtItsOwnDeadline(t *testing.T) {
	server := &fake{decide: script(hang)}
	gate := NewGate(server.start(t).client(t), short)
	start := time.Now()
	closed := closedBy(t, gate, question())
	// The server's clock may be the first to notice.
	if failureOf(t, closed).Code != codes.DeadlineExceeded || !errors.Is(closed, context.DeadlineExceeded) {
		t.Error(closed)
	}
	if took := time.Since(start); took > long {
		t.Errorf("it took %v", took)
	}
}

func TestAPeerThatAcceptsAndSaysNothingClosesTheGate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	gate := NewGate(clientOf(t, "http://"+listener.Addr().String()), short)
	if closed := closedBy(t, gate, question()); failureOf(t, closed).Kind != KindDeadline {
		t.Error(closed)
	}
}

func TestAServerThatCannotBeReachedClosesTheGate(t *testing.T) {
	gate := NewGate(clientOf(t, vacant(t)), long)
	closed := closedBy(t, gate, question())
	if failure := failureOf(t, closed); failure.Kind != KindTransport || failure.Code != codes.Unavailable {
		t.Error(closed)
	}
	if !strings.Contains(closed.Error(), "connection refused") {
		t.Error(closed)
	}
}

func TestNoTimeAtAllClosesTheGate(t *testing.T) {
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	gate := NewGate(server.start(t).client(t), 0)
	if closed := closedBy(t, gate, question()); failureOf(t, closed).Kind != KindDeadline {
		t.Error(closed)
	}
}

func TestACallerWhoLeavesClosesTheGate(t *testing.T) {
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	gate := NewGate(server.start(t).client(t), long)
	gone, leave := context.WithCancel(t.Context())
	leave()
	permit, err := gate.Check(gone, question())
	if permit.Valid() || !errors.Is(err, context.Canceled) || failureOf(t, err).Kind != KindCanceled {
		t.Error(permit, err)
	}
}

func TestAnAllowAfterARetryOpensTheGate(t *testing.T) {
	server := &fake{decide: script(fail(codes.Unavailable, "starting"), answer(v1.Effect_EFFECT_WARN))}
	permit, err := NewGate(server.start(t).client(t), long).Check(t.Context(), question())
	if err != nil || !permit.HasWarnings() {
		t.Error(permit, err)
	}
}

// liar decides something else than it is asked, and late.
type liar struct {
	decision *v1.Decision
	wait     bool
}

func (l liar) DecideHost(ctx context.Context, _ *v1.DecideHostRequest) (*v1.Decision, error) {
	if l.wait {
		<-ctx.Done()
	}
	return l.decision, nil
}

func TestAGateBelievesNoDeciderUnchecked(t *testing.T) {
	other := decision(v1.Effect_EFFECT_ALLOW)
	other.HostId = "host-2"
	for name, decider := range map[string]Decider{
		"another host": liar{decision: other},
		"no decision":  liar{},
		"too late":     liar{decision: decision(v1.Effect_EFFECT_ALLOW), wait: true},
		"nobody":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			if closed := closedBy(t, NewGate(decider, short), question()); closed.Kind != ClosedNoDecision {
				t.Error(closed)
			}
		})
	}
	if closed := closedBy(t, nil, question()); closed.Kind != ClosedNoDecision {
		t.Error(closed)
	}
}

func TestAPermitThatNoGateMadeIsNotValid(t *testing.T) {
	if new(Permit).Valid() || (*Permit)(nil).Valid() {
		t.Error("it is valid")
	}
}

func TestNothingThatIsPrintedHoldsFacts(t *testing.T) {
	denied := decision(v1.Effect_EFFECT_DENY)
	denied.Findings = []*v1.Finding{{
		InstrumentId: "example-ban", Message: "`Example Editor` may not be used",
		Software: &v1.SoftwareRef{Name: "Example Editor"},
	}}
	failed := decision(v1.Effect_EFFECT_INDETERMINATE)
	failed.Failures = []*v1.PolicyFailure{{PolicyId: "restrictions.example"}}
	other := decision(v1.Effect_EFFECT_ALLOW)
	other.HostId = "host-2-of-jane-doe"
	allowed := decision(v1.Effect_EFFECT_ALLOW)

	server := new(fake).start(t)
	client := server.client(t)
	gate := NewGate(client, long)
	for _, given := range []*v1.Decision{denied, failed, other, allowed} {
		server.decide = deciding(given)
		permit, err := gate.Check(t.Context(), question())
		printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", permit, permit, permit, permit, err, err, err)
		for _, fact := range []string{"jane-doe", "Example Editor"} {
			if strings.Contains(printed, fact) {
				t.Errorf("%q is printed: %s", fact, printed)
			}
		}
	}
	server.decide = deciding(denied)
	if text := closedBy(t, gate, question()).Error(); text != "denied: example-ban" {
		t.Error(text)
	}
	server.decide = deciding(failed)
	if text := closedBy(t, gate, question()).Error(); text != `not all policies could be evaluated: policy "restrictions.example" failed` {
		t.Error(text)
	}
}
