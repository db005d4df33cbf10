// Judging hosts as they arrive: StreamDecideHosts, with its answers paired with their items.
//
// An item is answered at most once, by a decision on the host and action that it names; and a
// stream never ends as if it were complete while items are unanswered.

package embargo

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// DecisionStream judges hosts as they are sent. One goroutine may send while another receives. It
// has no goroutine of its own; Close it when it is no longer needed.
type DecisionStream struct {
	servers *servers
	number  int
	here    place
	limit   time.Duration
	caller  context.Context
	cancel  context.CancelFunc
	note    *answerNote
	wire    grpc.BidiStreamingClient[embargov1.StreamDecideHostsRequest, embargov1.StreamDecideHostsResponse]

	mutex      sync.Mutex
	unanswered map[string]asked
	sentAll    bool
	receiving  bool
	patience   *time.Timer
	late       atomic.Bool
	ended      error
}

// OpenDecisionStream opens a stream. The deadline bounds the opening, and then how long a receiver
// waits for the next answer while items are unanswered; the stream as a whole may go on.
//
// After a failure that is Retryable, items without an answer may be sent in a new stream, which goes
// to another server if there is one.
func (c *Client) OpenDecisionStream(ctx context.Context) (*DecisionStream, error) {
	var stream *DecisionStream
	_, err := c.run(ctx, "StreamDecideHosts", func(attempt context.Context, at *server) error {
		opened, err := c.openAt(ctx, attempt, at)
		stream = opened
		return err
	})
	if err != nil {
		return nil, err
	}
	return stream, nil
}

// openAt opens a stream that lives as long as the caller's context, while the attempt's bounds the
// opening.
func (c *Client) openAt(ctx, attempt context.Context, at *server) (*DecisionStream, error) {
	note := new(answerNote)
	streaming, cancel := context.WithCancel(context.WithValue(ctx, answerKey{}, note))
	unbound := context.AfterFunc(attempt, cancel)
	wire, err := at.decisions.StreamDecideHosts(streaming)
	here := place{method: "StreamDecideHosts", endpoint: at.endpoint}
	if !unbound() && err == nil {
		err = here.late(c.deadline)
	}
	if err != nil {
		cancel()
		return nil, here.failed(err, note)
	}
	return &DecisionStream{
		servers: c.servers, number: c.servers.number(at), here: here, limit: c.deadline,
		caller: ctx, cancel: cancel, note: note, wire: wire,
		unanswered: map[string]asked{},
	}, nil
}

// Send sends an item. Its correlation id must be unique among the items without an answer. It
// blocks while the server takes no more, so that another goroutine must receive meanwhile. A
// *[CallError] is about this item alone. A stream that has ended says so by io.EOF, and Receive why.
func (s *DecisionStream) Send(item *embargov1.StreamDecideHostsRequest) error {
	id := item.GetCorrelationId()
	if failure := s.here.of(id).fits(item); failure != nil {
		return failure
	}
	s.mutex.Lock()
	if _, waits := s.unanswered[id]; waits {
		s.mutex.Unlock()
		return s.here.of(id).failure(KindRefusedHere, codes.InvalidArgument,
			"another item with this correlation id is unanswered"+hintMark+"give each item an id of its own")
	}
	s.unanswered[id] = askedBy(item, item.GetEvaluateTime())
	s.waitLocked()
	s.mutex.Unlock()
	if s.wire.Send(item) != nil {
		return io.EOF
	}
	return nil
}

// CloseSend says that no item follows. The answers to the others still come.
func (s *DecisionStream) CloseSend() error {
	s.mutex.Lock()
	s.sentAll = true
	s.mutex.Unlock()
	return s.wire.CloseSend()
}

// Unanswered is how many items were sent and have no answer.
func (s *DecisionStream) Unanswered() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.unanswered)
}

// Receive gives the next answer, in no particular order. After CloseSend and the last answer it
// gives io.EOF. Any other error is the end, too: items that have no answer by then were not judged.
func (s *DecisionStream) Receive() (ItemDecision, error) {
	if s.ended != nil {
		return ItemDecision{}, s.ended
	}
	s.attend(true)
	answer, err := s.wire.Recv()
	s.attend(false)
	item, err := s.take(answer, err)
	if err != nil {
		s.ended = err
		s.cancel()
	}
	return item, err
}

// Answers gives all answers until the end. An error is the last that it gives, and closes the
// stream.
func (s *DecisionStream) Answers() iter.Seq2[ItemDecision, error] {
	return func(yield func(ItemDecision, error) bool) {
		for {
			item, err := s.Receive()
			if errors.Is(err, io.EOF) || !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// Close ends the stream. It may be called at any time and more than once.
func (s *DecisionStream) Close() {
	s.cancel()
	s.attend(false)
}

func (s *DecisionStream) take(answer *embargov1.StreamDecideHostsResponse, err error) (ItemDecision, error) {
	if errors.Is(err, io.EOF) {
		return ItemDecision{}, s.complete()
	}
	if err != nil {
		failure := s.failure(err)
		s.servers.note(s.number, failure)
		return ItemDecision{}, failure
	}
	result := answer.GetResult()
	if result == nil {
		return ItemDecision{}, s.here.lacks("result")
	}
	id := result.GetCorrelationId()
	s.mutex.Lock()
	question, waits := s.unanswered[id]
	delete(s.unanswered, id)
	s.mutex.Unlock()
	if !waits {
		return ItemDecision{}, s.here.malformed("no item waits for the answer %q", id)
	}
	decision, err := question.acceptResult(result, s.here.of(id))
	return ItemDecision{CorrelationID: id, Decision: decision, Err: err}, nil
}

// complete says what it means that the server ended its answers.
func (s *DecisionStream) complete() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if count := len(s.unanswered); count > 0 {
		return s.here.malformed("the stream ended with %d items unanswered", count)
	}
	if !s.sentAll {
		return s.here.malformed("the answers ended before the items")
	}
	return io.EOF
}

func (s *DecisionStream) failure(err error) *CallError {
	if s.late.Load() {
		return s.here.late(s.limit)
	}
	if cause := s.caller.Err(); cause != nil {
		return s.here.left(cause)
	}
	return s.here.failed(err, s.note)
}

// attend notes whether somebody waits for an answer. Only then does patience run out: a caller who
// is busy is no fault of the server.
func (s *DecisionStream) attend(receiving bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.receiving = receiving
	if receiving {
		s.waitLocked()
	} else if s.patience != nil {
		s.patience.Stop()
		s.patience = nil
	}
}

func (s *DecisionStream) waitLocked() {
	if !s.receiving || len(s.unanswered) == 0 || s.patience != nil {
		return
	}
	s.patience = time.AfterFunc(s.limit, func() {
		s.late.Store(true)
		s.cancel()
	})
}

// StreamDecideHosts judges hosts as they arrive, and gives their answers in no particular order. An
// error is the last that it gives; items that have no answer by then were not judged.
//
// Items are taken in another goroutine, which has ended when the answers have: items that can block
// should end when ctx does. To send from several places, see [Client.OpenDecisionStream].
func (c *Client) StreamDecideHosts(ctx context.Context, items iter.Seq[*embargov1.StreamDecideHostsRequest]) iter.Seq2[ItemDecision, error] {
	return func(yield func(ItemDecision, error) bool) {
		stream, err := c.OpenDecisionStream(ctx)
		if err != nil {
			yield(ItemDecision{}, err)
			return
		}
		var refused refusals
		var sending sync.WaitGroup
		sending.Go(func() {
			for item := range items {
				err := stream.Send(item)
				if failure := asCallError(err); failure != nil {
					refused.add(ItemDecision{CorrelationID: item.GetCorrelationId(), Err: failure})
				} else if err != nil {
					break
				}
			}
			_ = stream.CloseSend()
		})
		defer sending.Wait()
		defer stream.Close()
		for item, err := range stream.Answers() {
			if !refused.give(yield) || !yield(item, err) || err != nil {
				return
			}
		}
		sending.Wait()
		refused.give(yield)
	}
}

// refusals are items that were not sent, until they are given as answers.
type refusals struct {
	mutex sync.Mutex
	items []ItemDecision
}

func (r *refusals) add(item ItemDecision) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.items = append(r.items, item)
}

func (r *refusals) give(yield func(ItemDecision, error) bool) bool {
	r.mutex.Lock()
	items := r.items
	r.items = nil
	r.mutex.Unlock()
	for _, item := range items {
		if !yield(item, nil) {
			return false
		}
	}
	return true
}
