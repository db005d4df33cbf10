// A cache of decisions that gives an answer again only while nothing can have changed it.
//
// An answer is given again for identical facts and action alone, while the present lies between its
// evaluate_time and its next_change_time, and while the snapshot that the watch told last is the one
// that judged. While the watch is not connected nothing is given again. Errors and INDETERMINATE are
// never kept. What is kept of a question is a digest, and no facts.

package embargo

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// DefaultCacheSize is how many decisions a cache keeps unless set.
const DefaultCacheSize = 10_000

// DecisionCache answers as a [Client] does, and by itself where an answer still holds. It may be used
// from any number of goroutines. Close it when it is no longer needed.
//
// Whether an answer still holds turns on this machine's clock: one that is behind by a minute gives
// answers again for a minute past their next change.
type DecisionCache struct {
	client *Client
	size   int
	now    func() time.Time
	cancel context.CancelFunc
	done   chan struct{}

	mutex    sync.Mutex
	active   string
	epoch    uint64
	told     chan struct{}
	failure  error
	entries  map[cacheKey]*list.Element
	recently *list.List
}

// cacheKey is a digest of facts and action.
type cacheKey [sha256.Size]byte

type cacheEntry struct {
	key      cacheKey
	decision *embargov1.Decision
}

// NewDecisionCache makes a cache of at most so many decisions, [DefaultCacheSize] if size is less
// than 1, and begins to watch the snapshot. Closing it does not close the client.
func NewDecisionCache(client *Client, size int) *DecisionCache {
	return newDecisionCache(client, size, time.Now)
}

func newDecisionCache(client *Client, size int, now func() time.Time) *DecisionCache {
	if size < 1 {
		size = DefaultCacheSize
	}
	ctx, cancel := context.WithCancel(context.Background())
	cache := &DecisionCache{
		client: client, size: size, now: now, cancel: cancel,
		done:    make(chan struct{}),
		told:    make(chan struct{}),
		entries: map[cacheKey]*list.Element{}, recently: list.New(),
	}
	go func() {
		defer close(cache.done)
		defer cache.hear("", errCacheClosed)
		for state, err := range client.WatchSnapshot(ctx) {
			cache.hear(state.GetActive().GetRef().GetSnapshotId(), err)
		}
	}()
	return cache
}

// Close ends the watch and forgets all decisions. The cache then asks the client each time.
func (c *DecisionCache) Close() {
	c.cancel()
	<-c.done
}

// Connected waits until the watch is connected and a snapshot is active, so that decisions are kept.
// It fails with ctx, and says why the watch is not connected if that is known.
func (c *DecisionCache) Connected(ctx context.Context) error {
	for {
		c.mutex.Lock()
		active, told, failure := c.active, c.told, c.failure
		c.mutex.Unlock()
		if active != "" {
			return nil
		}
		select {
		case <-told:
		case <-c.done:
			return errCacheClosed
		case <-ctx.Done():
			return errors.Join(ctx.Err(), failure)
		}
	}
}

// errCacheClosed is why a closed cache is not connected.
var errCacheClosed = errors.New("the cache is closed; hint: make another by NewDecisionCache")

// hear takes in what the watch says. No snapshot stands for: nothing is known.
//
// What was kept is forgotten when the watch breaks, too: a server that is replaced by another release
// may judge otherwise by the same snapshot.
func (c *DecisionCache) hear(active string, failure error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if failure != nil {
		active = ""
	}
	if active != c.active {
		clear(c.entries)
		c.recently.Init()
		c.epoch++
	}
	c.active, c.failure = active, failure
	close(c.told)
	c.told = make(chan struct{})
}

// DecideHost judges one host and action as [Client.DecideHost] does.
func (c *DecisionCache) DecideHost(ctx context.Context, request *embargov1.DecideHostRequest) (*embargov1.Decision, error) {
	decision, _, err := c.Decide(ctx, request)
	return decision, err
}

// Decide is [DecisionCache.DecideHost], and says whether the decision was given again. A request for
// another instant than now is always asked.
func (c *DecisionCache) Decide(ctx context.Context, request *embargov1.DecideHostRequest) (decision *embargov1.Decision, reused bool, err error) {
	if request.GetEvaluateTime() != nil {
		decision, err = c.client.DecideHost(ctx, request)
		return decision, false, err
	}
	key, keyed := keyOf(request)
	if !keyed {
		decision, err = c.client.DecideHost(ctx, request)
		return decision, false, err
	}
	kept, epoch := c.kept(key, request)
	if kept != nil && ctx.Err() == nil {
		return kept, true, nil
	}
	decision, err = c.client.DecideHost(ctx, request)
	if err == nil {
		c.keep(key, decision, epoch)
	}
	return decision, false, err
}

// keyOf digests facts and action. Equal digests mean equal facts; facts that only mean the same, as
// with groups in another order, are asked again.
func keyOf(request *embargov1.DecideHostRequest) (key cacheKey, keyed bool) {
	facts, err := proto.MarshalOptions{Deterministic: true}.Marshal(request.GetFacts())
	if err != nil {
		return key, false
	}
	digest := sha256.New()
	_ = binary.Write(digest, binary.BigEndian, int32(actionOf(request.GetAction())))
	digest.Write(facts)
	digest.Sum(key[:0])
	return key, true
}

// kept is a decision that still holds, or nil, and the epoch in which it was looked for. Each caller
// gets a copy of its own.
func (c *DecisionCache) kept(key cacheKey, request *embargov1.DecideHostRequest) (*embargov1.Decision, uint64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at, found := c.entries[key]
	if !found || c.active == "" {
		return nil, c.epoch
	}
	entry := at.Value.(*cacheEntry)
	if entry.decision.GetSnapshotId() != c.active || !DecisionIsCurrent(entry.decision, c.now()) {
		// It may only be early yet, but then another answer will take its place.
		c.dropLocked(at)
		return nil, c.epoch
	}
	if askedBy(request, nil).doubt(entry.decision) != "" {
		return nil, c.epoch
	}
	c.recently.MoveToFront(at)
	copied, _ := proto.Clone(entry.decision).(*embargov1.Decision)
	return copied, c.epoch
}

// keep takes in an answer to what was asked in an epoch. If the watch has broken or told of another
// snapshot since, who answered is not known.
func (c *DecisionCache) keep(key cacheKey, decision *embargov1.Decision, epoch uint64) {
	if decision.GetEffect() == embargov1.Effect_EFFECT_INDETERMINATE {
		return
	}
	copied, _ := proto.Clone(decision).(*embargov1.Decision)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.active == "" || decision.GetSnapshotId() != c.active || epoch != c.epoch {
		return
	}
	if at, found := c.entries[key]; found {
		c.dropLocked(at)
	}
	c.entries[key] = c.recently.PushFront(&cacheEntry{key: key, decision: copied})
	for c.recently.Len() > c.size {
		c.dropLocked(c.recently.Back())
	}
}

func (c *DecisionCache) dropLocked(at *list.Element) {
	entry := c.recently.Remove(at).(*cacheEntry)
	delete(c.entries, entry.key)
}
