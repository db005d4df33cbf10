// The calls of DecisionService with one answer.
//
// What leaves here as a decision has a known effect and is about the host, action, instant and
// snapshot that were asked for.

package embargo

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// ItemDecision is the answer to one item of a batch or stream.
type ItemDecision struct {
	// CorrelationID is the id that the item was sent with.
	CorrelationID string
	// Decision is set if Err is nil, and only then.
	Decision *embargov1.Decision
	// Err says why there is no decision for this item, as a *CallError. The others are not
	// concerned.
	Err error
}

// BatchDecisions are the answers to a batch.
type BatchDecisions struct {
	// Items are the answers, one for each item and in the order of the items.
	Items []ItemDecision
	// Snapshot is the one that answered all of them.
	Snapshot *embargov1.SnapshotRef
	// EvaluateTime is the instant at which all of them were judged.
	EvaluateTime *timestamppb.Timestamp
}

// InventoriedDecision is the answer for one host of an inventory.
type InventoriedDecision struct {
	// HostID is the host, as the facts name it.
	HostID string
	// RecordCount is how many records of software the document has for the host, and SoftwareCount
	// how many of them are items of the facts.
	RecordCount, SoftwareCount uint32
	// Remarks say what is not in the facts, or is there in other words.
	Remarks []*embargov1.InventoryRemark
	// Decision is set if Err is nil, and only then.
	Decision *embargov1.Decision
	// Err says why there is no decision for this host, as a *CallError. The others are not
	// concerned.
	Err error
}

// InventoryDecisions are the answers to an inventory.
type InventoryDecisions struct {
	// Format is what the document was read as.
	Format string
	// Hosts are in the order of the document; at least one.
	Hosts []InventoriedDecision
	// Snapshot is the one that judged all of them.
	Snapshot *embargov1.SnapshotRef
	// EvaluateTime is the instant at which all of them were judged.
	EvaluateTime *timestamppb.Timestamp
}

// DecideHost judges one host and action. An error means that there is no decision. A denial is no
// error.
func (c *Client) DecideHost(ctx context.Context, request *embargov1.DecideHostRequest) (*embargov1.Decision, error) {
	answer, here, err := call(ctx, c, "DecideHost", request,
		func(ctx context.Context, at *server) (*embargov1.DecideHostResponse, error) {
			return at.decisions.DecideHost(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	return askedBy(request, request.GetEvaluateTime()).accept(answer.GetDecision(), here)
}

// BatchDecideHosts judges up to 1,000 hosts under one snapshot and at one instant. It fails for what
// concerns all items; what concerns one stands in its Err.
func (c *Client) BatchDecideHosts(ctx context.Context, request *embargov1.BatchDecideHostsRequest) (*BatchDecisions, error) {
	answer, here, err := call(ctx, c, "BatchDecideHosts", request,
		func(ctx context.Context, at *server) (*embargov1.BatchDecideHostsResponse, error) {
			return at.decisions.BatchDecideHosts(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	return paired(request, answer, here)
}

// paired pairs the answers of a batch with what was asked. One that is missing, superfluous or out
// of order makes all of them doubtful.
func paired(request *embargov1.BatchDecideHostsRequest, answer *embargov1.BatchDecideHostsResponse, here place) (*BatchDecisions, error) {
	items, results := request.GetItems(), answer.GetResults()
	switch {
	case len(items) != len(results):
		return nil, here.malformed("the batch has %d items and %d answers", len(items), len(results))
	case answer.GetSnapshot() == nil:
		return nil, here.lacks("snapshot")
	case answer.GetEvaluateTime() == nil:
		return nil, here.lacks("evaluate_time")
	}
	batch := &BatchDecisions{
		Items:        make([]ItemDecision, 0, len(items)),
		Snapshot:     answer.GetSnapshot(),
		EvaluateTime: answer.GetEvaluateTime(),
	}
	for at, item := range items {
		id := item.GetCorrelationId()
		if got := results[at].GetCorrelationId(); got != id {
			return nil, here.malformed("no item waits for the answer %q", got)
		}
		decision, err := asked{
			hostID:       item.GetFacts().GetHostId(),
			action:       actionOf(item.GetAction()),
			evaluateTime: request.GetEvaluateTime(),
			snapshotID:   request.GetRequireSnapshotId(),
		}.acceptResult(results[at], here.of(id))
		batch.Items = append(batch.Items, ItemDecision{CorrelationID: id, Decision: decision, Err: err})
	}
	return batch, nil
}

// DecideInventory judges the hosts of which an inventory tells, under one snapshot and at one
// instant. It fails for what concerns the document or all hosts; what concerns one stands in its
// Err.
func (c *Client) DecideInventory(ctx context.Context, request *embargov1.DecideInventoryRequest) (*InventoryDecisions, error) {
	answer, here, err := call(ctx, c, "DecideInventory", request,
		func(ctx context.Context, at *server) (*embargov1.DecideInventoryResponse, error) {
			return at.decisions.DecideInventory(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	switch {
	case len(answer.GetResults()) == 0:
		return nil, here.lacks("results")
	case answer.GetSnapshot() == nil:
		return nil, here.lacks("snapshot")
	case answer.GetEvaluateTime() == nil:
		return nil, here.lacks("evaluate_time")
	}
	question := asked{
		action:       actionOf(request.GetAction()),
		evaluateTime: request.GetEvaluateTime(),
		snapshotID:   request.GetRequireSnapshotId(),
	}
	inventory := &InventoryDecisions{
		Format:       answer.GetFormat(),
		Snapshot:     answer.GetSnapshot(),
		EvaluateTime: answer.GetEvaluateTime(),
	}
	for _, result := range answer.GetResults() {
		decision, err := question.about(result.GetHostId()).acceptHost(result, here)
		inventory.Hosts = append(inventory.Hosts, InventoriedDecision{
			HostID:        result.GetHostId(),
			RecordCount:   result.GetRecordCount(),
			SoftwareCount: result.GetSoftwareCount(),
			Remarks:       result.GetRemarks(),
			Decision:      decision,
			Err:           err,
		})
	}
	return inventory, nil
}

// ExplainDecision judges one host and says why. The answer's decision is set.
func (c *Client) ExplainDecision(ctx context.Context, request *embargov1.ExplainDecisionRequest) (*embargov1.ExplainDecisionResponse, error) {
	answer, here, err := call(ctx, c, "ExplainDecision", request,
		func(ctx context.Context, at *server) (*embargov1.ExplainDecisionResponse, error) {
			return at.decisions.ExplainDecision(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	if _, err := askedBy(request, request.GetEvaluateTime()).accept(answer.GetDecision(), here); err != nil {
		return nil, err
	}
	return answer, nil
}

// ComputeDecisionTimeline says how the decision on the same facts and action changes while time
// passes. Each segment has its bounds and a decision as judged at its start; one without makes the
// whole answer an error.
func (c *Client) ComputeDecisionTimeline(ctx context.Context, request *embargov1.ComputeDecisionTimelineRequest) (*embargov1.ComputeDecisionTimelineResponse, error) {
	answer, here, err := call(ctx, c, "ComputeDecisionTimeline", request,
		func(ctx context.Context, at *server) (*embargov1.ComputeDecisionTimelineResponse, error) {
			return at.decisions.ComputeDecisionTimeline(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	if len(answer.GetSegments()) == 0 {
		return nil, here.lacks("segments")
	}
	question := askedBy(request, nil)
	for _, segment := range answer.GetSegments() {
		if segment.GetStartTime() == nil {
			return nil, here.lacks("segments.start_time")
		}
		if segment.GetEndTime() == nil {
			return nil, here.lacks("segments.end_time")
		}
		if _, err := question.at(segment.GetStartTime()).accept(segment.GetDecision(), here); err != nil {
			return nil, err
		}
	}
	return answer, nil
}
