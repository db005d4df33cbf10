// Deadlines and retries: the loop under a clock of its own, and then over a connection.

package embargo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// idle is a client of servers that are never connected to.
func idle(deadline time.Duration, retry RetryPolicy, endpoints ...string) *Client {
	circle := new(servers)
	for _, endpoint := range endpoints {
		circle.all = append(circle.all, &server{endpoint: endpoint})
	}
	return &Client{servers: circle, deadline: deadline, retry: retry}
}

func unavailable(here place) *CallError {
	return here.failure(KindStatus, codes.Unavailable, "no")
}

func TestPausesGrowToABoundAndStayBelowIt(t *testing.T) {
	policy := RetryPolicy{MaxAttempts: 9, FirstPause: 50 * time.Millisecond, LongestPause: time.Second}
	for rounds, bound := range map[int]time.Duration{
		1: 50 * time.Millisecond, 2: 100 * time.Millisecond, 5: 800 * time.Millisecond, 6: time.Second, 1_000: time.Second,
	} {
		var longest time.Duration
		for range 1_000 {
			longest = max(longest, policy.pause(rounds))
		}
		if longest >= bound || longest < bound/2 {
			t.Errorf("after %d rounds the longest pause was %v, and the bound is %v", rounds, longest, bound)
		}
	}
}

func TestAttemptsEndWithTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := idle(time.Second, RetryPolicy{MaxAttempts: 1_000, FirstPause: 100 * time.Millisecond, LongestPause: time.Second}, "a")
		start := time.Now()
		attempts := 0
		_, err := client.run(t.Context(), "DecideHost", func(ctx context.Context, at *server) error {
			attempts++
			if deadline, has := ctx.Deadline(); !has || !deadline.Equal(start.Add(time.Second)) {
				t.Error("an attempt is not bounded by the deadline of the call")
			}
			return unavailable(place{})
		})
		if failure := failureOf(t, err); failure.Code != codes.Unavailable {
			t.Error(failure)
		}
		if took := time.Since(start); attempts < 3 || took >= time.Second {
			t.Errorf("%d attempts in %v", attempts, took)
		}
	})
}

func TestARetryDelayIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := idle(10*time.Second, DefaultRetryPolicy(), "a")
		start := time.Now()
		_, err := client.run(t.Context(), "DecideHost", func(context.Context, *server) error {
			if since := time.Since(start); since > 0 {
				if since < 3*time.Second || since > 3*time.Second+50*time.Millisecond {
					t.Errorf("asked again after %v", since)
				}
				return nil
			}
			delay := 3 * time.Second
			failure := place{}.failure(KindStatus, codes.ResourceExhausted, "busy")
			failure.RetryDelay = &delay
			return failure
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestARetryDelayPastTheDeadlineEndsTheCallAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := idle(10*time.Second, DefaultRetryPolicy(), "a")
		start := time.Now()
		_, err := client.run(t.Context(), "DecideHost", func(context.Context, *server) error {
			delay := time.Hour
			failure := place{}.failure(KindStatus, codes.ResourceExhausted, "busy")
			failure.RetryDelay = &delay
			return failure
		})
		if failure := failureOf(t, err); failure.Code != codes.ResourceExhausted || time.Since(start) > 0 {
			t.Errorf("%v after %v", failure, time.Since(start))
		}
	})
}

func TestEveryServerIsAskedOnceBeforeAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := idle(10*time.Second, DefaultRetryPolicy(), "a", "b", "c")
		start := time.Now()
		var asked []string
		_, err := client.run(t.Context(), "DecideHost", func(_ context.Context, at *server) error {
			asked = append(asked, at.endpoint)
			if len(asked) <= 3 && time.Since(start) > 0 {
				t.Error("there was a pause before each was asked")
			}
			return unavailable(place{})
		})
		if want := []string{"a", "b", "c", "a"}; !slices.Equal(asked, want) {
			t.Errorf("%q were asked: %v", asked, err)
		}
	})
}

func TestAServerThatSaysWhenToReturnIsNotAskedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := idle(10*time.Second, DefaultRetryPolicy(), "a", "b")
		start := time.Now()
		delay := 2 * time.Second
		_, err := client.run(t.Context(), "DecideHost", func(_ context.Context, at *server) error {
			if time.Since(start) == 0 && at.endpoint == "a" {
				failure := place{}.failure(KindStatus, codes.ResourceExhausted, "busy")
				failure.RetryDelay = &delay
				return failure
			}
			if at.endpoint == "a" {
				if time.Since(start) < delay {
					t.Error("it was asked early")
				}
				return nil
			}
			return unavailable(place{})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestACallerWhoLeavesEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy := RetryPolicy{MaxAttempts: 9, FirstPause: time.Second, LongestPause: time.Second}
		client := idle(time.Hour, policy, "a")
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		_, err := client.run(ctx, "DecideHost", func(context.Context, *server) error {
			delay := time.Minute
			failure := unavailable(place{})
			failure.RetryDelay = &delay
			return failure
		})
		failure := failureOf(t, err)
		if failure.Kind != KindDeadline || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(failure)
		}
	})
}

func TestAServerThatWasUnavailableIsNotAskedFirstAgain(t *testing.T) {
	client := idle(time.Second, DefaultRetryPolicy(), "a", "b")
	down := func(_ context.Context, at *server) error {
		if at.endpoint == "a" {
			return unavailable(place{})
		}
		return nil
	}
	if _, err := client.run(t.Context(), "DecideHost", down); err != nil {
		t.Fatal(err)
	}
	here, err := client.run(t.Context(), "DecideHost", func(context.Context, *server) error { return nil })
	if err != nil || here.endpoint != "b" {
		t.Error(here, err)
	}
}

func TestACallThatHangsEndsAtItsDeadline(t *testing.T) {
	server := &fake{decide: script(hang)}
	client := server.start(t).client(t).WithDeadline(short)
	start := time.Now()
	_, err := client.DecideHost(t.Context(), question())
	// The server's clock may be the first to notice.
	if failureOf(t, err).Code != codes.DeadlineExceeded || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(start); took < short || took > long {
		t.Errorf("it took %v", took)
	}
	if server.called() != 1 {
		t.Error("a deadline was tried again")
	}
}

func TestTheServerIsToldTheDeadlineWithEveryAttempt(t *testing.T) {
	server := &fake{decide: script(fail(codes.Unavailable, "no"), answer(v1.Effect_EFFECT_ALLOW))}
	if _, err := server.start(t).client(t).DecideHost(t.Context(), question()); err != nil {
		t.Fatal(err)
	}
	told := server.timeouts
	if len(told) != 2 || told[0] > long || told[1] >= told[0] {
		t.Errorf("it was told %v", told)
	}
}

func TestAnUnavailableServerIsTriedAgainUntilItAnswers(t *testing.T) {
	down := fail(codes.Unavailable, "starting")
	server := &fake{decide: script(down, down, down, answer(v1.Effect_EFFECT_DENY))}
	decided, err := server.start(t).client(t).DecideHost(t.Context(), question())
	if err != nil || decided.GetEffect() != v1.Effect_EFFECT_DENY || server.called() != 4 {
		t.Errorf("%v after %d calls", err, server.called())
	}
}

func TestOneThatIsOutOfAResourceIsAskedAgainOnlyIfItSaysWhen(t *testing.T) {
	busy := fail(codes.ResourceExhausted, "busy", errorInfo("OVERLOADED", map[string]string{"limit": "queued-calls"}), returnAfter(time.Millisecond))
	server := &fake{decide: script(busy, answer(v1.Effect_EFFECT_ALLOW))}
	if _, err := server.start(t).client(t).DecideHost(t.Context(), question()); err != nil {
		t.Error(err)
	}
	failure, without := failing(t, fail(codes.ResourceExhausted, "too large", errorInfo("ANSWER_TOO_LARGE", nil)))
	if failure.Reason != ReasonAnswerTooLarge || without.called() != 1 {
		t.Errorf("%v after %d calls", failure, without.called())
	}
}

func TestAnotherServerAnswersForOneThatIsGone(t *testing.T) {
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	client := clientOf(t, vacant(t), WithServers(server.start(t).endpoint))
	for range 3 {
		if _, err := client.DecideHost(t.Context(), question()); err != nil {
			t.Fatal(err)
		}
	}
	if client.servers.first() != 1 {
		t.Error("the one that is gone is asked first")
	}
}

func TestAServerMayStartAfterItsClient(t *testing.T) {
	listener := listenLater(t)
	client := clientOf(t, listener.endpoint)
	if _, err := client.DecideHost(t.Context(), question()); failureOf(t, err).Kind != KindTransport {
		t.Fatal(err)
	}
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	server.serve(t, listener.listen(t))
	if _, err := client.DecideHost(t.Context(), question()); err != nil {
		t.Error(err)
	}
}
