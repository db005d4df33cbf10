// Answers for many hosts, explanations, timelines and policies: what is missing or superfluous in
// them is an error.

package embargo

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

func batchOf(correlationIDs ...string) *v1.BatchDecideHostsRequest {
	request := new(v1.BatchDecideHostsRequest)
	for _, id := range correlationIDs {
		request.Items = append(request.Items, &v1.BatchDecideHostsRequest_BatchItem{
			CorrelationId: id, Facts: facts(), Action: v1.Action_ACTION_INSTALL,
		})
	}
	return request
}

func batchAnswer(results ...*v1.DecideResult) *v1.BatchDecideHostsResponse {
	return &v1.BatchDecideHostsResponse{
		Results: results, Snapshot: &v1.SnapshotRef{SnapshotId: "aa"}, EvaluateTime: timestamppb.New(time.Unix(1, 0)),
	}
}

func decidedItem(id string, effect v1.Effect) *v1.DecideResult {
	return &v1.DecideResult{CorrelationId: id, Result: &v1.DecideResult_Decision{Decision: decision(effect)}}
}

func failedItem(t *testing.T, id string) *v1.DecideResult {
	t.Helper()
	failure, err := status.New(codes.InvalidArgument, "facts are invalid").WithDetails(errorInfo("FACTS_INVALID", nil))
	if err != nil {
		t.Fatal(err)
	}
	return &v1.DecideResult{CorrelationId: id, Result: &v1.DecideResult_Error{Error: failure.Proto()}}
}

func TestEachItemOfABatchHasItsAnswer(t *testing.T) {
	failed := failedItem(t, "b")
	server := &fake{batch: func(*v1.BatchDecideHostsRequest) (*v1.BatchDecideHostsResponse, error) {
		return batchAnswer(decidedItem("a", v1.Effect_EFFECT_DENY), failed, &v1.DecideResult{CorrelationId: "c"}), nil
	}}
	got, err := server.start(t).client(t).BatchDecideHosts(t.Context(), batchOf("a", "b", "c"))
	if err != nil || len(got.Items) != 3 || got.Snapshot.GetSnapshotId() != "aa" {
		t.Fatal(got, err)
	}
	if got.Items[0].Err != nil || got.Items[0].Decision.GetEffect() != v1.Effect_EFFECT_DENY {
		t.Error(got.Items[0])
	}
	failure := failureOf(t, got.Items[1].Err)
	if failure.Reason != ReasonFactsInvalid || failure.CorrelationID != "b" || got.Items[1].Decision != nil {
		t.Error(failure)
	}
	if !strings.Contains(failure.Error(), `item "b" of BatchDecideHosts`) {
		t.Error(failure)
	}
	if failureOf(t, got.Items[2].Err).Kind != KindNoDecision || got.Items[2].Decision != nil {
		t.Error(got.Items[2].Err)
	}
}

func TestABatchWhoseAnswersDoNotPairIsNoAnswer(t *testing.T) {
	a, b := decidedItem("a", v1.Effect_EFFECT_ALLOW), decidedItem("b", v1.Effect_EFFECT_ALLOW)
	noSnapshot, noInstant := batchAnswer(a, b), batchAnswer(a, b)
	noSnapshot.Snapshot, noInstant.EvaluateTime = nil, nil
	for name, given := range map[string]*v1.BatchDecideHostsResponse{
		"one is missing":     batchAnswer(a),
		"one is superfluous": batchAnswer(a, b, b),
		"out of order":       batchAnswer(b, a),
		"one twice":          batchAnswer(a, a),
		"no snapshot":        noSnapshot,
		"no instant":         noInstant,
		"nothing":            {},
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{batch: func(*v1.BatchDecideHostsRequest) (*v1.BatchDecideHostsResponse, error) { return given, nil }}
			got, err := server.start(t).client(t).BatchDecideHosts(t.Context(), batchOf("a", "b"))
			if failureOf(t, err).Kind != KindMalformed || got != nil {
				t.Error(got, err)
			}
		})
	}
}

func TestEachHostOfAnInventoryHasItsAnswer(t *testing.T) {
	other := decision(v1.Effect_EFFECT_ALLOW)
	other.HostId = "host-9"
	answer := &v1.DecideInventoryResponse{
		Format: "fleet", Snapshot: &v1.SnapshotRef{SnapshotId: "aa"}, EvaluateTime: timestamppb.New(time.Unix(1, 0)),
		Results: []*v1.InventoryResult{
			{HostId: hostID, RecordCount: 3, SoftwareCount: 2, Result: &v1.InventoryResult_Decision{Decision: decision(v1.Effect_EFFECT_DENY)}},
			{HostId: "host-2", Result: &v1.InventoryResult_Decision{Decision: other}},
			{HostId: "host-3", Result: &v1.InventoryResult_Error{Error: status.New(codes.InvalidArgument, "no").Proto()}},
			{HostId: "host-4"},
		},
	}
	server := &fake{inventory: func(*v1.DecideInventoryRequest) (*v1.DecideInventoryResponse, error) { return answer, nil }}
	client := server.start(t).client(t)
	request := &v1.DecideInventoryRequest{Document: []byte("{}"), Action: v1.Action_ACTION_INSTALL}
	got, err := client.DecideInventory(t.Context(), request)
	if err != nil || len(got.Hosts) != 4 || got.Format != "fleet" {
		t.Fatal(got, err)
	}
	if first := got.Hosts[0]; first.Err != nil || first.RecordCount != 3 || first.SoftwareCount != 2 {
		t.Error(first)
	}
	for _, host := range got.Hosts[1:] {
		failureOf(t, host.Err)
		if host.Decision != nil {
			t.Error(host.HostID, "has a decision")
		}
	}
	answer.Results = nil
	if _, err := client.DecideInventory(t.Context(), request); failureOf(t, err).Kind != KindMalformed {
		t.Error(err)
	}
}

func TestAnExplanationWithoutADecisionOnWhatWasAskedIsNoAnswer(t *testing.T) {
	answer := &v1.ExplainDecisionResponse{Decision: decision(v1.Effect_EFFECT_REVIEW)}
	server := &fake{explain: func(*v1.ExplainDecisionRequest) (*v1.ExplainDecisionResponse, error) { return answer, nil }}
	client := server.start(t).client(t)
	request := &v1.ExplainDecisionRequest{Facts: facts(), Action: v1.Action_ACTION_INSTALL}
	if got, err := client.ExplainDecision(t.Context(), request); err != nil || got.GetDecision().GetEffect() != v1.Effect_EFFECT_REVIEW {
		t.Error(got, err)
	}
	answer.Decision = nil
	if got, err := client.ExplainDecision(t.Context(), request); failureOf(t, err).Kind != KindNoDecision || got != nil {
		t.Error(got, err)
	}
}

func TestATimelineWithASegmentWithoutADecisionIsNoAnswer(t *testing.T) {
	whole := func() *v1.TimelineSegment {
		return &v1.TimelineSegment{
			StartTime: timestamppb.New(time.Unix(1, 0)), EndTime: timestamppb.New(time.Unix(2, 0)),
			Decision: decision(v1.Effect_EFFECT_ALLOW),
		}
	}
	var segments []*v1.TimelineSegment
	server := &fake{timeline: func(*v1.ComputeDecisionTimelineRequest) (*v1.ComputeDecisionTimelineResponse, error) {
		return &v1.ComputeDecisionTimelineResponse{Segments: segments}, nil
	}}
	client := server.start(t).client(t)
	ask := func() error {
		_, err := client.ComputeDecisionTimeline(t.Context(), &v1.ComputeDecisionTimelineRequest{Facts: facts(), Action: v1.Action_ACTION_INSTALL})
		return err
	}
	segments = []*v1.TimelineSegment{whole()}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*v1.TimelineSegment){
		"no start":          func(s *v1.TimelineSegment) { s.StartTime = nil },
		"no end":            func(s *v1.TimelineSegment) { s.EndTime = nil },
		"no decision":       func(s *v1.TimelineSegment) { s.Decision = nil },
		"another's instant": func(s *v1.TimelineSegment) { s.StartTime = timestamppb.New(time.Unix(0, 0)) },
	} {
		broken := whole()
		spoil(broken)
		segments = []*v1.TimelineSegment{whole(), broken}
		if err := ask(); err == nil {
			t.Error(name, "is an answer")
		}
	}
	segments = nil
	if err := ask(); failureOf(t, err).Kind != KindMalformed {
		t.Error(err)
	}
}

func TestAListingBeginsAnewWhenTheServerReloads(t *testing.T) {
	reloads := 1
	server := &fake{list: func(request *v1.ListPoliciesRequest) (*v1.ListPoliciesResponse, error) {
		answer := &v1.ListPoliciesResponse{Snapshot: &v1.SnapshotRef{SnapshotId: "aa"}}
		switch {
		case request.GetPageToken() == "":
			answer.Policies, answer.NextPageToken = []*v1.Policy{{PolicyId: "one"}}, "next"
		case reloads > 0:
			reloads--
			_, err := fail(codes.InvalidArgument, "no", errorInfo("PAGE_TOKEN_INVALID", nil))(nil)
			return nil, err
		default:
			answer.Policies = []*v1.Policy{{PolicyId: "two"}}
		}
		return answer, nil
	}}
	client := server.start(t).client(t)
	all, err := client.ListAllPolicies(t.Context())
	if err != nil || len(all.GetPolicies()) != 2 || all.GetNextPageToken() != "" {
		t.Error(all, err)
	}
	reloads = 100
	if _, err := client.ListAllPolicies(t.Context()); ReasonOf(err) != ReasonPageTokenInvalid || reloads != 97 {
		t.Error(err, reloads)
	}
}

func TestAPageThatLeadsToItselfEndsTheListing(t *testing.T) {
	server := &fake{list: func(*v1.ListPoliciesRequest) (*v1.ListPoliciesResponse, error) {
		return &v1.ListPoliciesResponse{NextPageToken: "next"}, nil
	}}
	if _, err := server.start(t).client(t).ListAllPolicies(t.Context()); failureOf(t, err).Kind != KindMalformed {
		t.Error(err)
	}
}

func TestAPolicyThatIsMissingFromItsAnswerIsAnError(t *testing.T) {
	server := &fake{policy: func(*v1.GetPolicyRequest) (*v1.GetPolicyResponse, error) { return new(v1.GetPolicyResponse), nil }}
	if _, err := server.start(t).client(t).GetPolicy(t.Context(), "p"); failureOf(t, err).Kind != KindMalformed {
		t.Error(err)
	}
}

func TestATestRunThatDoesNotFinishIsAnError(t *testing.T) {
	result := &v1.RunPolicyTestsResponse{Event: &v1.RunPolicyTestsResponse_Result{
		Result: &v1.RunPolicyTestsResponse_TestResult{Name: "a", Passed: true},
	}}
	summary := func(passed uint32) *v1.RunPolicyTestsResponse {
		return &v1.RunPolicyTestsResponse{Event: &v1.RunPolicyTestsResponse_Summary{
			Summary: &v1.RunPolicyTestsResponse_TestSummary{PassedCount: passed},
		}}
	}
	var events []*v1.RunPolicyTestsResponse
	var end error
	server := &fake{trial: func(stream grpc.ServerStreamingServer[v1.RunPolicyTestsResponse]) error {
		for _, event := range events {
			if err := stream.Send(event); err != nil {
				return err
			}
		}
		return end
	}}
	client := server.start(t).client(t)
	run := func() (*PolicyTests, error) {
		return client.RunPolicyTests(t.Context(), new(v1.RunPolicyTestsRequest))
	}
	events = []*v1.RunPolicyTestsResponse{result, summary(1)}
	if tests, err := run(); err != nil || len(tests.Results) != 1 || tests.Summary.GetPassedCount() != 1 {
		t.Fatal(tests, err)
	}
	for name, given := range map[string][]*v1.RunPolicyTestsResponse{
		"no summary": {result}, "nothing": {}, "a result too few": {summary(1)}, "a result too many": {result, summary(0)},
	} {
		events = given
		if tests, err := run(); failureOf(t, err).Kind != KindMalformed || tests != nil {
			t.Error(name, tests, err)
		}
	}
	events, end = []*v1.RunPolicyTestsResponse{result, summary(1)}, status.Error(codes.Internal, "no")
	if tests, err := run(); failureOf(t, err).Code != codes.Internal || tests != nil {
		t.Error(tests, err)
	}
}
