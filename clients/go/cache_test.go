// The cache gives an answer again only while nothing can have changed it.

package embargo

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// clock is a present that tests set.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.seconds.Load(), 0) }

// cached is a cache at second 10 whose watch is connected.
func cached(t *testing.T, server *fake, size int) (*DecisionCache, *clock) {
	t.Helper()
	if server.watch == nil {
		server.watch = telling(state("aa"))
	}
	present := new(clock)
	present.seconds.Store(10)
	cache := newDecisionCache(server.start(t).client(t), size, present.now)
	t.Cleanup(cache.Close)
	if err := cache.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	return cache, present
}

// reused asks, and says whether the answer was given again.
func reused(t *testing.T, cache *DecisionCache, request *v1.DecideHostRequest) bool {
	t.Helper()
	_, reused, err := cache.Decide(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return reused
}

// until decides whatever is asked, from second 1 to 20.
func until(effect v1.Effect) func(context.Context, *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
	return func(_ context.Context, request *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
		decided := decision(effect)
		decided.HostId = request.GetFacts().GetHostId()
		decided.Action = actionOf(request.GetAction())
		if request.GetEvaluateTime() != nil {
			decided.EvaluateTime = request.GetEvaluateTime()
		}
		decided.NextChangeTime = timestamppb.New(time.Unix(20, 0))
		return &v1.DecideHostResponse{Decision: decided}, nil
	}
}

func TestTheSameQuestionIsAnsweredAgainUntilTheAnswerChanges(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_DENY)}
	cache, present := cached(t, server, 0)
	if reused(t, cache, question()) {
		t.Error("the first answer was given again")
	}
	present.seconds.Store(19)
	if !reused(t, cache, question()) {
		t.Error("an answer that holds was asked again")
	}
	present.seconds.Store(20)
	if reused(t, cache, question()) {
		t.Error("an answer was given again that may have changed")
	}
}

func TestAnAnswerOfAClockThatIsAheadIsNotGivenAgain(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, present := cached(t, server, 0)
	present.seconds.Store(0)
	reused(t, cache, question())
	if reused(t, cache, question()) {
		t.Error("it was given again before its instant")
	}
}

func TestOtherFactsActionsInstantsAndSnapshotsAreAsked(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, _ := cached(t, server, 0)
	for name, change := range map[string]func(*v1.DecideHostRequest){
		"another action":  func(q *v1.DecideHostRequest) { q.Action = v1.Action_ACTION_USE },
		"another host":    func(q *v1.DecideHostRequest) { q.Facts.HostId = "host-2" },
		"another version": func(q *v1.DecideHostRequest) { q.Facts.Software[0].Version = proto.String("2") },
		"an empty version": func(q *v1.DecideHostRequest) {
			q.Facts.Software[0].Version = proto.String("")
		},
		"an instant": func(q *v1.DecideHostRequest) { q.EvaluateTime = timestamppb.New(time.Unix(15, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			reused(t, cache, question())
			if !reused(t, cache, question()) {
				t.Fatal("otherwise the rest proves nothing")
			}
			other := question()
			change(other)
			if reused(t, cache, other) {
				t.Error("it was answered by another answer")
			}
		})
	}
	required := question()
	required.RequireSnapshotId = "aa"
	if !reused(t, cache, required) {
		t.Error("the snapshot that judged was required, and it was asked")
	}
	required.RequireSnapshotId = "bb"
	if _, reused, err := cache.Decide(t.Context(), required); reused || failureOf(t, err).Kind != KindNoDecision {
		t.Error("another snapshot was required", err)
	}
}

func TestAnActionThatIsNotSaidIsPresence(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, _ := cached(t, server, 0)
	unsaid, said := question(), question()
	unsaid.Action, said.Action = v1.Action_ACTION_UNSPECIFIED, v1.Action_ACTION_PRESENCE
	reused(t, cache, unsaid)
	if !reused(t, cache, said) {
		t.Error("they are two questions")
	}
}

func TestIndeterminateAndErrorsAreNotKept(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_INDETERMINATE)}
	cache, _ := cached(t, server, 0)
	reused(t, cache, question())
	if reused(t, cache, question()) {
		t.Error("INDETERMINATE was given again")
	}
	server.decide = script(fail(codes.Internal, "no"))
	if _, reused, err := cache.Decide(t.Context(), question()); reused || err == nil {
		t.Error(reused, err)
	}
	server.decide = until(v1.Effect_EFFECT_ALLOW)
	if reused(t, cache, question()) {
		t.Error("an error was kept")
	}
}

func TestAnAnswerByAnotherSnapshotThanTheWatchTellsIsNotKept(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW), watch: telling(state("bb"))}
	cache, _ := cached(t, server, 0)
	reused(t, cache, question())
	if reused(t, cache, question()) {
		t.Error("it was given again")
	}
}

func TestANewSnapshotEndsWhatWasKept(t *testing.T) {
	change := make(chan struct{})
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW), watch: func(stream watchStream) error {
		_ = stream.Send(state("aa"))
		<-change
		return telling(state("bb"))(stream)
	}}
	cache, _ := cached(t, server, 0)
	reused(t, cache, question())
	if !reused(t, cache, question()) {
		t.Fatal("otherwise the rest proves nothing")
	}
	close(change)
	await(t, cache, func() bool { return cache.active == "bb" })
	if reused(t, cache, question()) {
		t.Error("an answer of the old snapshot was given again")
	}
}

func TestNothingIsGivenAgainWhileTheWatchIsNotConnected(t *testing.T) {
	broken, mended := make(chan struct{}), make(chan struct{})
	var opened atomic.Int32
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW), watch: func(stream watchStream) error {
		if opened.Add(1) == 1 {
			_ = stream.Send(state("aa"))
			<-broken
			return status.Error(codes.Unavailable, "draining")
		}
		select {
		case <-mended:
		case <-stream.Context().Done():
		}
		return telling(state("aa"))(stream)
	}}
	cache, _ := cached(t, server, 0)
	reused(t, cache, question())
	if !reused(t, cache, question()) {
		t.Fatal("otherwise the rest proves nothing")
	}
	close(broken)
	await(t, cache, func() bool { return cache.active == "" })
	for range 2 {
		if reused(t, cache, question()) {
			t.Error("an answer was given again without a watch")
		}
	}
	close(mended)
	if err := cache.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	reused(t, cache, question())
	if !reused(t, cache, question()) {
		t.Error("nothing is kept after the watch was mended")
	}
}

func TestAnAnswerThatWasAskedBeforeTheWatchBrokeIsNotKeptAfterIt(t *testing.T) {
	broken := make(chan struct{})
	var opened atomic.Int32
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW), watch: func(stream watchStream) error {
		_ = stream.Send(state("aa"))
		if opened.Add(1) == 1 {
			<-broken
			return status.Error(codes.Unavailable, "draining")
		}
		<-stream.Context().Done()
		return nil
	}}
	cache, _ := cached(t, server, 0)
	answer := server.decide
	server.decide = func(ctx context.Context, request *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
		// Meanwhile the watch breaks and tells of the same snapshot once more.
		close(broken)
		await(t, cache, func() bool { return cache.active == "aa" && cache.epoch > 2 })
		return answer(ctx, request)
	}
	reused(t, cache, question())
	server.decide = answer
	if reused(t, cache, question()) {
		t.Error("it was given again")
	}
	if !reused(t, cache, question()) {
		t.Error("nothing is kept any longer")
	}
}

// await waits for a state of the cache, which changes when the watch tells something.
func await(t *testing.T, cache *DecisionCache, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	for {
		cache.mutex.Lock()
		is, told := holds(), cache.told
		cache.mutex.Unlock()
		if is {
			return
		}
		select {
		case <-told:
		case <-ctx.Done():
			t.Fatal("it did not come to that")
		}
	}
}

func TestASnapshotThatIsNoneKeepsNothing(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW), watch: telling(new(v1.WatchSnapshotResponse))}
	cache := NewDecisionCache(server.start(t).client(t), 0)
	defer cache.Close()
	await(t, cache, func() bool { return cache.active == "" })
	for range 2 {
		if reused(t, cache, question()) {
			t.Error("it was given again")
		}
	}
	waiting, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	if err := cache.Connected(waiting); err == nil {
		t.Error("it is connected")
	}
}

func TestACacheKeepsNoMoreThanItsSizeAndForgetsWhatIsAskedLeast(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, _ := cached(t, server, 3)
	about := func(number int) *v1.DecideHostRequest {
		asked := question()
		asked.Facts.HostId = fmt.Sprintf("host-%d", number)
		return asked
	}
	for number := range 100 {
		reused(t, cache, about(number))
		if number > 0 && !reused(t, cache, about(0)) {
			t.Fatalf("what is asked most was forgotten after %d", number)
		}
	}
	if len(cache.entries) != 3 || cache.recently.Len() != 3 {
		t.Errorf("it keeps %d", len(cache.entries))
	}
	if reused(t, cache, about(50)) {
		t.Error("what was asked least is kept")
	}
}

func TestACallersChangesDoNotReachTheNextAnswer(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_DENY)}
	cache, _ := cached(t, server, 0)
	for range 3 {
		decided, err := cache.DecideHost(t.Context(), question())
		if err != nil || decided.GetEffect() != v1.Effect_EFFECT_DENY {
			t.Fatal(decided.GetEffect(), err)
		}
		decided.Effect = v1.Effect_EFFECT_ALLOW
	}
}

func TestAGateMayAskACache(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, _ := cached(t, server, 0)
	gate := NewGate(cache, long)
	for range 2 {
		if permit, err := gate.Check(t.Context(), question()); err != nil || !permit.Valid() {
			t.Error(err)
		}
	}
	if server.decideCalls() != 1 {
		t.Errorf("the server was asked %d times", server.decideCalls())
	}
}

func TestAClosedCacheAsksTheClient(t *testing.T) {
	server := &fake{decide: until(v1.Effect_EFFECT_ALLOW)}
	cache, _ := cached(t, server, 0)
	reused(t, cache, question())
	cache.Close()
	if reused(t, cache, question()) {
		t.Error("it was given again")
	}
	if err := cache.Connected(t.Context()); err == nil {
		t.Error("it is connected")
	}
	if len(cache.entries) != 0 {
		t.Error("it still keeps answers")
	}
}

func TestADecisionHoldsFromItsInstantUntilItsNextChange(t *testing.T) {
	at := func(seconds int64) *timestamppb.Timestamp { return &timestamppb.Timestamp{Seconds: seconds} }
	given := &v1.Decision{Effect: v1.Effect_EFFECT_ALLOW, EvaluateTime: at(10), NextChangeTime: at(20)}
	for seconds, want := range map[int64]bool{9: false, 10: true, 19: true, 20: false} {
		if DecisionIsCurrent(given, time.Unix(seconds, 0)) != want {
			t.Errorf("at %d: %v", seconds, !want)
		}
	}
	given.NextChangeTime = nil
	if !DecisionIsCurrent(given, time.Unix(1<<40, 0)) {
		t.Error("it ends without a next change")
	}
	for name, none := range map[string]*v1.Decision{
		"nothing":            nil,
		"no instant":         {Effect: v1.Effect_EFFECT_ALLOW},
		"no effect":          {EvaluateTime: at(10)},
		"an unknown effect":  {Effect: 99, EvaluateTime: at(10)},
		"an unsound instant": {Effect: v1.Effect_EFFECT_ALLOW, EvaluateTime: &timestamppb.Timestamp{Nanos: -1}},
		"an unsound end":     {Effect: v1.Effect_EFFECT_ALLOW, EvaluateTime: at(10), NextChangeTime: &timestamppb.Timestamp{Nanos: -1}},
	} {
		if DecisionIsCurrent(none, time.Unix(11, 0)) {
			t.Errorf("%s holds", name)
		}
	}
}
