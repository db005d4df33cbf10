// Judging hosts as they arrive.

package embargo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

type serverStream = grpc.BidiStreamingServer[v1.StreamDecideHostsRequest, v1.StreamDecideHostsResponse]

func item(correlationID string) *v1.StreamDecideHostsRequest {
	return &v1.StreamDecideHostsRequest{CorrelationId: correlationID, Facts: facts(), Action: v1.Action_ACTION_INSTALL}
}

func decided(correlationID string, decision *v1.Decision) *v1.StreamDecideHostsResponse {
	return &v1.StreamDecideHostsResponse{Result: &v1.DecideResult{
		CorrelationId: correlationID, Result: &v1.DecideResult_Decision{Decision: decision},
	}}
}

// answering takes all items, gives these answers and ends with the error.
func answering(end error, answers ...*v1.StreamDecideHostsResponse) func(serverStream) error {
	return func(stream serverStream) error {
		for {
			if _, err := stream.Recv(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
		}
		for _, answer := range answers {
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
		return end
	}
}

// echoing answers each item as it comes.
func echoing(stream serverStream) error {
	for {
		came, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(decided(came.GetCorrelationId(), decision(v1.Effect_EFFECT_ALLOW))); err != nil {
			return err
		}
	}
}

// streamed sends items `a` and `b` and collects what comes for them.
func streamed(t *testing.T, script func(serverStream) error) ([]ItemDecision, error) {
	t.Helper()
	server := &fake{stream: script}
	client := server.start(t).client(t)
	items := slices.Values([]*v1.StreamDecideHostsRequest{item("a"), item("b")})
	var all []ItemDecision
	for answer, err := range client.StreamDecideHosts(t.Context(), items) {
		if err != nil {
			return all, err
		}
		all = append(all, answer)
	}
	if len(server.timeouts) != 0 {
		t.Error("a deadline was sent that would end the stream")
	}
	return all, nil
}

func TestAnswersArePairedWithTheirItemsInAnyOrder(t *testing.T) {
	other := decision(v1.Effect_EFFECT_ALLOW)
	other.HostId = "host-2"
	all, err := streamed(t, answering(nil, decided("b", decision(v1.Effect_EFFECT_DENY)), decided("a", other)))
	if err != nil || len(all) != 2 || all[0].CorrelationID != "b" || all[1].CorrelationID != "a" {
		t.Fatal(all, err)
	}
	if all[0].Err != nil || all[0].Decision.GetEffect() != v1.Effect_EFFECT_DENY {
		t.Error(all[0].Err)
	}
	failure := failureOf(t, all[1].Err)
	if failure.Kind != KindNoDecision || failure.CorrelationID != "a" || all[1].Decision != nil {
		t.Error(failure)
	}
}

func TestAnItemWithoutResultOrWithAnErrorHasNoDecision(t *testing.T) {
	none := &v1.StreamDecideHostsResponse{Result: &v1.DecideResult{CorrelationId: "a"}}
	failed := &v1.StreamDecideHostsResponse{Result: &v1.DecideResult{
		CorrelationId: "b", Result: &v1.DecideResult_Error{Error: nil},
	}}
	all, err := streamed(t, answering(nil, none, failed))
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	for _, answer := range all {
		failureOf(t, answer.Err)
		if answer.Decision != nil {
			t.Error("there is a decision")
		}
	}
}

func TestAnAnswerThatComesTwiceEndsTheStream(t *testing.T) {
	allow := decided("a", decision(v1.Effect_EFFECT_ALLOW))
	all, err := streamed(t, answering(nil, allow, allow, decided("b", decision(v1.Effect_EFFECT_ALLOW))))
	if failure := failureOf(t, err); failure.Kind != KindMalformed || len(all) != 1 {
		t.Error(failure, all)
	}
}

func TestAnEndThatLeavesItemsUnansweredIsAnError(t *testing.T) {
	all, err := streamed(t, answering(nil, decided("a", decision(v1.Effect_EFFECT_ALLOW))))
	if failure := failureOf(t, err); failure.Kind != KindMalformed || len(all) != 1 {
		t.Error(failure, all)
	}
}

func TestAnEndBeforeTheItemsEndIsAnError(t *testing.T) {
	server := &fake{stream: func(serverStream) error { return nil }}
	stream, err := server.start(t).client(t).OpenDecisionStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err := stream.Receive(); failureOf(t, err).Kind != KindMalformed {
		t.Error(err)
	}
	if _, err := stream.Receive(); failureOf(t, err).Kind != KindMalformed {
		t.Error("the end is not the end:", err)
	}
}

func TestAStatusEndsTheStreamAfterTheAnswersBeforeIt(t *testing.T) {
	draining := status.Error(codes.Unavailable, "draining")
	all, err := streamed(t, answering(draining, decided("a", decision(v1.Effect_EFFECT_ALLOW))))
	failure := failureOf(t, err)
	if failure.Kind != KindStatus || failure.Code != codes.Unavailable || !failure.Retryable() || len(all) != 1 {
		t.Error(failure, all)
	}
}

func TestAServerThatStopsAnsweringEndsTheStreamAtTheDeadline(t *testing.T) {
	server := &fake{stream: func(stream serverStream) error {
		<-stream.Context().Done()
		return stream.Context().Err()
	}}
	client := server.start(t).client(t, WithDeadline(short))
	items := slices.Values([]*v1.StreamDecideHostsRequest{item("a")})
	for _, err := range client.StreamDecideHosts(t.Context(), items) {
		if failure := failureOf(t, err); failure.Kind != KindDeadline {
			t.Error(failure)
		}
	}
}

func TestAStreamWithoutItemsWaitsLongerThanTheDeadline(t *testing.T) {
	server := &fake{stream: echoing}
	stream, err := server.start(t).client(t, WithDeadline(short)).OpenDecisionStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	first := make(chan error)
	go func() {
		_, err := stream.Receive()
		first <- err
	}()
	// Longer than the deadline, with nothing that the server could answer.
	select {
	case err := <-first:
		t.Fatal(err)
	case <-time.After(3 * short):
	}
	if err := stream.Send(item("a")); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestAFleetIsJudgedWhileItIsSent(t *testing.T) {
	server := &fake{stream: echoing}
	client := server.start(t).client(t)
	const hosts = 2_000
	fleet := func(yield func(*v1.StreamDecideHostsRequest) bool) {
		for number := range hosts {
			if !yield(item(fmt.Sprint(number))) {
				return
			}
		}
	}
	seen := map[string]bool{}
	for answer, err := range client.StreamDecideHosts(t.Context(), fleet) {
		if err != nil || answer.Err != nil {
			t.Fatal(err, answer.Err)
		}
		seen[answer.CorrelationID] = true
	}
	if len(seen) != hosts {
		t.Errorf("%d of %d hosts have an answer", len(seen), hosts)
	}
}

func TestWhoLeavesTheLoopLeavesNothingBehind(t *testing.T) {
	server := &fake{stream: echoing}
	client := server.start(t).client(t)
	ended := make(chan struct{})
	endless := func(yield func(*v1.StreamDecideHostsRequest) bool) {
		defer close(ended)
		for number := 0; yield(item(fmt.Sprint(number))); number++ {
		}
	}
	for range client.StreamDecideHosts(t.Context(), endless) {
		break
	}
	select {
	case <-ended:
	default:
		t.Error("items are still being taken")
	}
}

func TestACallerWhoLeavesEndsTheStream(t *testing.T) {
	server := &fake{stream: func(stream serverStream) error {
		<-stream.Context().Done()
		return stream.Context().Err()
	}}
	ctx, leave := context.WithCancel(t.Context())
	client := server.start(t).client(t)
	items := func(yield func(*v1.StreamDecideHostsRequest) bool) {
		yield(item("a"))
		leave()
	}
	var last error
	for _, err := range client.StreamDecideHosts(ctx, items) {
		last = err
	}
	if failureOf(t, last).Kind != KindCanceled || !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
}

func TestAnItemThatIsNotSentHasAnAnswerOfItsOwn(t *testing.T) {
	server := &fake{stream: answering(nil, decided("a", decision(v1.Effect_EFFECT_ALLOW)))}
	client := server.start(t).client(t)
	large := item("large")
	large.Facts.Software[0].Name = string(make([]byte, MaxMessageBytes))
	items := slices.Values([]*v1.StreamDecideHostsRequest{item("a"), large, item("a")})
	refused := map[string]int{}
	decisions := 0
	for answer, err := range client.StreamDecideHosts(t.Context(), items) {
		switch {
		case err != nil:
			t.Fatal(err)
		case answer.Err == nil:
			decisions++
		case failureOf(t, answer.Err).Kind == KindRefusedHere:
			refused[answer.CorrelationID]++
		}
	}
	if decisions != 1 || refused["large"] != 1 || refused["a"] != 1 {
		t.Errorf("%d decisions, refused: %v", decisions, refused)
	}
}

func TestAStreamGoesToAServerThatIsThere(t *testing.T) {
	server := &fake{stream: echoing}
	client := clientOf(t, vacant(t), WithServers(server.start(t).endpoint))
	items := slices.Values([]*v1.StreamDecideHostsRequest{item("a")})
	for answer, err := range client.StreamDecideHosts(t.Context(), items) {
		if err != nil || answer.Err != nil {
			t.Error(err, answer.Err)
		}
	}
}

func TestAStreamThatCannotOpenSaysSo(t *testing.T) {
	client := clientOf(t, vacant(t))
	answers := 0
	for _, err := range client.StreamDecideHosts(t.Context(), slices.Values([]*v1.StreamDecideHostsRequest{item("a")})) {
		answers++
		if failureOf(t, err).Kind != KindTransport {
			t.Error(err)
		}
	}
	if answers != 1 {
		t.Errorf("%d answers", answers)
	}
}
