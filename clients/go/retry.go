// When a call is made again, and the loop that does it.
//
// Every method of the API is idempotent, so that what may be repeated turns on the failure alone: a
// server that was unavailable, or one that is out of a resource and says when to return. The call is
// made at the next server, without a pause as long as there is one that it has not asked. Neither
// attempts nor pauses go past the deadline.

package embargo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
)

// RetryPolicy says how often a call is made and how long the pauses between are.
//
// A pause is random between nothing and a bound that doubles from FirstPause to LongestPause ("full
// jitter"), so that clients that failed together do not return together. A server's own retry delay
// is waited out first.
type RetryPolicy struct {
	// MaxAttempts is the most attempts, the first included. Less than 1 counts as 1.
	MaxAttempts int
	// FirstPause bounds the pause after the first attempt.
	FirstPause time.Duration
	// LongestPause is the most that the bound grows to.
	LongestPause time.Duration
}

// DefaultRetryPolicy makes 4 attempts with pauses of up to 50 ms, 100 ms and 200 ms.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, FirstPause: 50 * time.Millisecond, LongestPause: time.Second}
}

// NoRetry makes one attempt only.
func NoRetry() RetryPolicy {
	policy := DefaultRetryPolicy()
	policy.MaxAttempts = 1
	return policy
}

// pause is random, below the bound after so many rounds.
func (p RetryPolicy) pause(rounds int) time.Duration {
	bound := p.FirstPause
	for ; rounds > 1 && bound < p.LongestPause; rounds-- {
		bound *= 2
	}
	return upTo(min(bound, p.LongestPause))
}

func upTo(bound time.Duration) time.Duration {
	if bound <= 0 {
		return 0
	}
	return rand.N(bound)
}

// attempt makes a call once, at a server. Its context ends at the deadline.
type attempt func(ctx context.Context, at *server) error

// run makes a call until it succeeds, fails for good, or the deadline has passed. It returns where
// the answer came from.
func (c *Client) run(ctx context.Context, method string, once attempt) (place, error) {
	limit := c.deadline
	deadline := time.Now().Add(limit)
	bounded, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()

	number := c.servers.first()
	var returns map[int]time.Time
	for attempts := 1; ; attempts++ {
		at := c.servers.at(number)
		here := place{method: method, endpoint: at.endpoint}
		if failure := here.ended(ctx, bounded, limit); failure != nil {
			return here, failure
		}
		failure := at.try(bounded, here, once)
		if failure == nil {
			return here, nil
		}
		// What a call that was given up failed with is noise.
		if failure.Kind != KindStatus {
			if ended := here.ended(ctx, bounded, limit); ended != nil {
				failure = ended
			}
		}
		c.servers.note(number, failure)
		if attempts >= c.retry.MaxAttempts || !failure.Retryable() {
			return here, failure
		}
		if failure.RetryDelay != nil {
			if returns == nil {
				returns = map[int]time.Time{}
			}
			returns[number] = time.Now().Add(*failure.RetryDelay)
		}
		number = c.servers.after(number)
		var pause time.Duration
		if rounds := attempts - c.servers.count() + 1; rounds > 0 {
			pause = max(time.Until(returns[number]), 0) + c.retry.pause(rounds)
		}
		// Waiting for an attempt that has no time left would only delay the bad news.
		if pause >= time.Until(deadline) {
			return here, failure
		}
		sleep(bounded, pause)
	}
}

// ended says whether the caller or the clock ended the call.
func (p place) ended(caller, bounded context.Context, limit time.Duration) *CallError {
	if err := caller.Err(); err != nil {
		return p.left(err)
	}
	if err := bounded.Err(); err != nil {
		return p.late(limit)
	}
	return nil
}

func sleep(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// leaves says whether the next call had better begin elsewhere. A server that is overloaded is left
// by this call only, for all of its callers at once would overload the next.
func leaves(failure *CallError) bool {
	return failure.Code == codes.Unavailable || failure.Code == codes.DeadlineExceeded
}

// asCallError is the failure that run and its like return.
func asCallError(err error) *CallError {
	var failure *CallError
	if errors.As(err, &failure) {
		return failure
	}
	return nil
}
