// The servers that a client may ask, which of them is asked first, and one attempt at one.
//
// They are equals: the same policies, and idempotent methods. One that was unavailable or late is
// not asked first any longer, so that only the calls that met its end pay for it.

package embargo

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// server is one server's connection and services.
type server struct {
	endpoint   string
	connection *grpc.ClientConn
	decisions  embargov1.DecisionServiceClient
	policies   embargov1.PolicyServiceClient
	health     healthv1.HealthClient
}

func serverOver(endpoint string, connection *grpc.ClientConn) *server {
	return &server{
		endpoint:   endpoint,
		connection: connection,
		decisions:  embargov1.NewDecisionServiceClient(connection),
		policies:   embargov1.NewPolicyServiceClient(connection),
		health:     healthv1.NewHealthClient(connection),
	}
}

// reconnectWait is how long a call waits for a connection that failed before.
const reconnectWait = 50 * time.Millisecond

// rouse tries a connection that failed at once again, instead of failing by what was. It is a
// moment only: a server that is gone is told by the attempt itself.
func (s *server) rouse(ctx context.Context) {
	if s.connection == nil || s.connection.GetState() != connectivity.TransientFailure {
		return
	}
	s.connection.ResetConnectBackoff()
	waiting, cancel := context.WithTimeout(ctx, reconnectWait)
	defer cancel()
	s.connection.WaitForStateChange(waiting, connectivity.TransientFailure)
}

// try makes one attempt.
func (s *server) try(ctx context.Context, here place, once attempt) *CallError {
	s.rouse(ctx)
	note := new(answerNote)
	err := once(context.WithValue(ctx, answerKey{}, note), s)
	if err == nil {
		return nil
	}
	return here.failed(err, note)
}

// failed reads what gRPC made of an attempt.
func (p place) failed(err error, note *answerNote) *CallError {
	// What was found wrong with an answer needs no reading.
	if failure := asCallError(err); failure != nil {
		return failure
	}
	answer, is := status.FromError(err)
	if note.tokenless.Load() {
		return p.failure(KindRefusedHere, codes.Unauthenticated, answer.Message())
	}
	if note.answered.Load() && is && !expired(answer) {
		return p.answered(answer)
	}
	if expired(answer) {
		answer = status.FromContextError(context.DeadlineExceeded)
	}
	switch answer.Code() {
	case codes.DeadlineExceeded:
		failure := p.failure(KindDeadline, codes.DeadlineExceeded, "no answer in time")
		failure.cause = context.DeadlineExceeded
		return failure
	case codes.Canceled:
		if errors.Is(err, context.Canceled) || answer.Message() == context.Canceled.Error() {
			return p.left(context.Canceled)
		}
	case codes.Unavailable:
	case codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented, codes.Unknown:
		// What gRPC makes of an answer of HTTP by a proxy that does not know gRPC.
		return p.answered(answer)
	default:
		// An answer that is larger than 16 MiB, or no message of this schema, or none of gRPC.
		return p.malformed("%s", answer.Message())
	}
	return p.failure(KindTransport, codes.Unavailable, answer.Message())
}

// expired says whether a server's transport let go of the call because its deadline passed. Some
// say CANCELLED then, in these words and without a reason.
func expired(answer *status.Status) bool {
	return answer.Code() == codes.Canceled && answer.Message() == "Timeout expired" &&
		len(answer.Proto().GetDetails()) == 0
}

// answerKey is where a call's context holds its note.
type answerKey struct{}

// answerNote says what became of an attempt. gRPC itself uses the same codes for a status that was
// answered, a connection that failed, and a token that is not there.
type answerNote struct{ answered, tokenless atomic.Bool }

// answerNotes writes the notes.
type answerNotes struct{}

func (answerNotes) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (answerNotes) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if _, is := event.(*stats.InTrailer); !is {
		return
	}
	if note, is := ctx.Value(answerKey{}).(*answerNote); is {
		note.answered.Store(true)
	}
}

func (answerNotes) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (answerNotes) HandleConn(context.Context, stats.ConnStats) {}

// servers stand in a circle, at least one.
type servers struct {
	all       []*server
	preferred atomic.Int64
}

func (s *servers) count() int { return len(s.all) }

// first is the number of the server to begin with.
func (s *servers) first() int { return int(s.preferred.Load()) }

// after is the number of the server to go on with.
func (s *servers) after(number int) int { return (number + 1) % len(s.all) }

func (s *servers) at(number int) *server { return s.all[number] }

// note takes in how a call to a server failed.
func (s *servers) note(number int, failure *CallError) {
	if leaves(failure) {
		// Only if nobody has left it already: they would lead past a server that works.
		s.preferred.CompareAndSwap(int64(number), int64(s.after(number)))
	}
}

func (s *servers) close() error {
	var failures []error
	for _, one := range s.all {
		failures = append(failures, one.connection.Close())
	}
	return errors.Join(failures...)
}

// number is where a server stands in the circle.
func (s *servers) number(one *server) int { return slices.Index(s.all, one) }
