// The calls with one answer, by the name of their method.

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	embargo "github.com/embargo-dev/embargo/clients/go"
	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// callOf is a method of the client with its request and its answer in proto-JSON.
type callOf func(ctx context.Context, client *embargo.Client, request value) (proto.Message, error)

// unary makes a call whose answer is a message.
func unary[Q proto.Message, A proto.Message](empty func() Q, send func(*embargo.Client, context.Context, Q) (A, error)) callOf {
	return func(ctx context.Context, client *embargo.Client, read value) (proto.Message, error) {
		request := empty()
		if err := protojson.Unmarshal(read, request); err != nil {
			return nil, unreadable{err}
		}
		return send(client, ctx, request)
	}
}

// unreadable is a case whose request is no message of the API. It is no failure of a call.
type unreadable struct{ error }

// of makes an empty message.
func of[M any]() *M { return new(M) }

var calls = map[string]callOf{
	"DecideHost": unary(of[v1.DecideHostRequest], func(c *embargo.Client, ctx context.Context, q *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
		decision, err := c.DecideHost(ctx, q)
		return &v1.DecideHostResponse{Decision: decision}, err
	}),
	"BatchDecideHosts": unary(of[v1.BatchDecideHostsRequest], batch),
	"DecideInventory":  unary(of[v1.DecideInventoryRequest], inventory),
	"ExplainDecision":  unary(of[v1.ExplainDecisionRequest], (*embargo.Client).ExplainDecision),
	"ComputeDecisionTimeline": unary(of[v1.ComputeDecisionTimelineRequest],
		(*embargo.Client).ComputeDecisionTimeline),
	"ListPolicies": unary(of[v1.ListPoliciesRequest], (*embargo.Client).ListPolicies),
	"GetPolicy": unary(of[v1.GetPolicyRequest], func(c *embargo.Client, ctx context.Context, q *v1.GetPolicyRequest) (*v1.GetPolicyResponse, error) {
		return c.GetPolicy(ctx, q.GetPolicyId())
	}),
	"GetSnapshot": unary(of[v1.GetSnapshotRequest], func(c *embargo.Client, ctx context.Context, _ *v1.GetSnapshotRequest) (*v1.GetSnapshotResponse, error) {
		return c.GetSnapshot(ctx)
	}),
	"ValidateBundle": unary(of[v1.ValidateBundleRequest], func(c *embargo.Client, ctx context.Context, q *v1.ValidateBundleRequest) (*v1.ValidateBundleResponse, error) {
		return c.ValidateBundle(ctx, q.GetFiles())
	}),
	"IdentifySoftware": unary(of[v1.IdentifySoftwareRequest], (*embargo.Client).IdentifySoftware),
	// Its answers come as a stream and are one event here: the summary.
	"RunPolicyTests": unary(of[v1.RunPolicyTestsRequest], func(c *embargo.Client, ctx context.Context, q *v1.RunPolicyTestsRequest) (*v1.RunPolicyTestsResponse, error) {
		tests, err := c.RunPolicyTests(ctx, q)
		if err != nil {
			return nil, err
		}
		return &v1.RunPolicyTestsResponse{Event: &v1.RunPolicyTestsResponse_Summary{Summary: tests.Summary}}, nil
	}),
}

// batch is the response again that the client took apart.
func batch(c *embargo.Client, ctx context.Context, request *v1.BatchDecideHostsRequest) (*v1.BatchDecideHostsResponse, error) {
	decisions, err := c.BatchDecideHosts(ctx, request)
	if err != nil {
		return nil, err
	}
	response := &v1.BatchDecideHostsResponse{Snapshot: decisions.Snapshot, EvaluateTime: decisions.EvaluateTime}
	for _, item := range decisions.Items {
		response.Results = append(response.Results, result(item))
	}
	return response, nil
}

func result(item embargo.ItemDecision) *v1.DecideResult {
	made := &v1.DecideResult{CorrelationId: item.CorrelationID}
	var failure *embargo.CallError
	if errors.As(item.Err, &failure) {
		made.Result = &v1.DecideResult_Error{Error: failure.GRPCStatus().Proto()}
	} else {
		made.Result = &v1.DecideResult_Decision{Decision: item.Decision}
	}
	return made
}

// inventory is the response again that the client took apart.
func inventory(c *embargo.Client, ctx context.Context, request *v1.DecideInventoryRequest) (*v1.DecideInventoryResponse, error) {
	decisions, err := c.DecideInventory(ctx, request)
	if err != nil {
		return nil, err
	}
	response := &v1.DecideInventoryResponse{
		Format: decisions.Format, Snapshot: decisions.Snapshot, EvaluateTime: decisions.EvaluateTime,
	}
	for _, host := range decisions.Hosts {
		made := &v1.InventoryResult{
			HostId: host.HostID, RecordCount: host.RecordCount,
			SoftwareCount: host.SoftwareCount, Remarks: host.Remarks,
		}
		var failure *embargo.CallError
		if errors.As(host.Err, &failure) {
			made.Result = &v1.InventoryResult_Error{Error: failure.GRPCStatus().Proto()}
		} else {
			made.Result = &v1.InventoryResult_Decision{Decision: host.Decision}
		}
		response.Results = append(response.Results, made)
	}
	return response, nil
}

// run runs a case and says what is not as it wants.
func (c *testCase) run(ctx context.Context, client *embargo.Client) error {
	switch {
	case c.Stream != nil:
		return c.runStream(ctx, client)
	case c.Watch:
		return c.runWatch(ctx, client)
	case c.Gate != nil:
		return c.runGate(ctx, client)
	case c.Cache != nil:
		return c.runCache(ctx, client)
	}
	make, known := calls[c.Call]
	if !known {
		return fmt.Errorf("no method is called %q", c.Call)
	}
	if c.deadline != nil {
		client = client.WithDeadline(*c.deadline)
	}
	answer, err := make(ctx, client, c.Request)
	if unread := (unreadable{}); errors.As(err, &unread) {
		return unread
	}
	if c.Error != nil {
		return c.Error.fails(err)
	}
	if err != nil {
		return err
	}
	return matches(answer, c.Want, c.Absent)
}

// sameKeys says which ids are missing or superfluous.
func sameKeys(want, got []string) error {
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Errorf("answers came for %q, wanted for %q", got, want)
	}
	return nil
}
