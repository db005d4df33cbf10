// What the client has beyond calls with one answer: stream, watch, gate and cache.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"

	embargo "github.com/embargo-dev/embargo/clients/go"
	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// runStream sends all items and compares all answers, by correlation id.
func (c *testCase) runStream(ctx context.Context, client *embargo.Client) error {
	var items []*v1.StreamDecideHostsRequest
	for _, read := range c.Stream {
		item := new(v1.StreamDecideHostsRequest)
		if err := protojson.Unmarshal(read, item); err != nil {
			return err
		}
		items = append(items, item)
	}
	got := map[string]embargo.ItemDecision{}
	for item, err := range client.StreamDecideHosts(ctx, slices.Values(items)) {
		if err != nil {
			return err
		}
		if _, twice := got[item.CorrelationID]; twice {
			return fmt.Errorf("two answers came for %q", item.CorrelationID)
		}
		got[item.CorrelationID] = item
	}
	var want map[string]map[string]piece
	if err := json.Unmarshal(c.Want, &want); err != nil {
		return err
	}
	if err := sameKeys(slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got))); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if err := answers(want[id], got[id]); err != nil {
			return fmt.Errorf("%w: item %q", err, id)
		}
	}
	return nil
}

// piece is a part of what is wanted, not read yet.
type piece = json.RawMessage

// answers compares the answer to an item with `decision` or `error`.
func answers(want map[string]piece, got embargo.ItemDecision) error {
	if len(want) != 1 {
		return errors.New("an item wants either a decision or an error")
	}
	if decision, is := want["decision"]; is {
		if got.Err != nil {
			return got.Err
		}
		return matches(got.Decision, value(decision), nil)
	}
	failure, is := want["error"]
	if !is {
		return errors.New("an item wants either a decision or an error")
	}
	// JSON is YAML, and only the reader of YAML refuses unknown keys by the names of the suite.
	decoder := yaml.NewDecoder(strings.NewReader(string(failure)))
	decoder.KnownFields(true)
	wanted := new(wantedFail)
	if err := decoder.Decode(wanted); err != nil {
		return err
	}
	return wanted.fails(got.Err)
}

// runWatch compares the first state of a watch.
func (c *testCase) runWatch(ctx context.Context, client *embargo.Client) error {
	for state, err := range client.WatchSnapshot(ctx) {
		if err != nil {
			return err
		}
		return matches(state, c.Want, c.Absent)
	}
	return errors.New("the watch told nothing")
}

// runGate compares whether the gate is open, and else the kind of reason.
func (c *testCase) runGate(ctx context.Context, client *embargo.Client) error {
	request, err := decideHost(c.Gate)
	if err != nil {
		return err
	}
	var want string
	if err := json.Unmarshal(c.Want, &want); err != nil {
		return err
	}
	got := "open"
	permit, err := embargo.NewGate(client, 10*time.Second).Check(ctx, request)
	var closed *embargo.ClosedError
	switch {
	case errors.As(err, &closed):
		got = string(closed.Kind)
	case err != nil || !permit.Valid():
		return fmt.Errorf("the gate is neither open nor closed: %w", err)
	}
	if got != want {
		return fmt.Errorf("the gate is %s, wanted %s: %w", got, want, err)
	}
	return nil
}

// runCache asks twice through a cache whose watch is connected.
func (c *testCase) runCache(ctx context.Context, client *embargo.Client) error {
	request, err := decideHost(c.Cache)
	if err != nil {
		return err
	}
	var want struct {
		Reused *bool `json:"reused"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(c.Want)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		return err
	}
	if want.Reused == nil {
		return errors.New("what is wanted of a cache is `reused`")
	}
	cache := embargo.NewDecisionCache(client, 0)
	defer cache.Close()
	if err := cache.Connected(ctx); err != nil {
		return err
	}
	if _, reused, err := cache.Decide(ctx, request); reused {
		return fmt.Errorf("the first answer was given again: %w", err)
	}
	if _, reused, err := cache.Decide(ctx, request); reused != *want.Reused {
		return fmt.Errorf("given again is %v, wanted %v: %w", reused, *want.Reused, err)
	}
	return nil
}

func decideHost(read value) (*v1.DecideHostRequest, error) {
	request := new(v1.DecideHostRequest)
	return request, protojson.Unmarshal(read, request)
}
