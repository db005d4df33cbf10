// The watch of the active snapshot: opened again when it breaks, with a limit on silence.
//
// A server repeats its state every 30 s, so that a longer silence means a connection that is dead
// without having said so.

package embargo

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// WatchSilence is the longest silence of a watch: more than two of the server's intervals of 30 s.
const WatchSilence = 75 * time.Second

// longestWatchPause bounds the pause before a watch is opened again.
const longestWatchPause = 10 * time.Second

// WatchSnapshot gives the server's state at once, after every attempt to load the policy folder, and
// every 30 s.
//
// When the stream breaks it gives the failure, a *CallError, and opens it again, at another server
// if there is one: after a failure and until the next state, nothing is known of the server. It ends
// with ctx, whose failure is the last that it gives, or when the loop is left.
func (c *Client) WatchSnapshot(ctx context.Context) iter.Seq2[*embargov1.WatchSnapshotResponse, error] {
	return func(yield func(*embargov1.WatchSnapshotResponse, error) bool) {
		number := c.servers.first()
		for failures := 0; ; {
			at := c.servers.at(number)
			here := place{method: "WatchSnapshot", endpoint: at.endpoint}
			failure, heard, stopped := c.watchOnce(ctx, at, here, yield)
			if stopped {
				return
			}
			if ctx.Err() != nil {
				yield(nil, here.left(ctx.Err()))
				return
			}
			c.servers.note(number, failure)
			if !yield(nil, failure) {
				return
			}
			if heard {
				failures = 0
			}
			failures++
			number = c.servers.after(number)
			sleep(ctx, c.watchPause(failures, failure))
		}
	}
}

// watchPause is how long to wait before the watch is opened again: not at all while there is a
// server that was not tried.
func (c *Client) watchPause(failures int, failure *CallError) time.Duration {
	rounds := failures - c.servers.count() + 1
	if rounds < 1 {
		return 0
	}
	pace := c.retry
	pace.LongestPause = max(pace.LongestPause, longestWatchPause)
	pause := pace.pause(rounds)
	if failure.RetryDelay != nil {
		pause += *failure.RetryDelay
	}
	return pause
}

// watchOnce gives states until the stream breaks. It says whether there were any, and whether the
// loop was left.
func (c *Client) watchOnce(
	ctx context.Context, at *server, here place,
	yield func(*embargov1.WatchSnapshotResponse, error) bool,
) (failure *CallError, heard, stopped bool) {
	note := new(answerNote)
	watching, cancel := context.WithCancel(context.WithValue(ctx, answerKey{}, note))
	defer cancel()
	limit := c.deadline
	silent := new(atomic.Bool)
	silence := time.AfterFunc(limit, func() {
		silent.Store(true)
		cancel()
	})
	defer silence.Stop()

	at.rouse(watching)
	stream, err := at.policies.WatchSnapshot(watching, new(embargov1.WatchSnapshotRequest))
	for err == nil {
		var state *embargov1.WatchSnapshotResponse
		if state, err = stream.Recv(); err != nil {
			break
		}
		// A caller who is busy is no fault of the server.
		if !silence.Stop() {
			return here.late(limit), heard, false
		}
		heard = true
		if !yield(state, nil) {
			return nil, heard, true
		}
		limit = WatchSilence
		silence.Reset(limit)
	}
	switch {
	case silent.Load():
		return here.late(limit), heard, false
	case errors.Is(err, io.EOF):
		return here.failure(KindTransport, codes.Unavailable, "the server ended the watch"), heard, false
	}
	return here.failed(err, note), heard, false
}
