// The calls of PolicyService, but for the watch.

package embargo

import (
	"context"
	"errors"
	"io"

	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

// pageSize is the largest page that a server gives.
const pageSize = 1_000

// listings is how often a listing is begun because the server reloads between two pages.
const listings = 3

// ListPolicies lists one page of the policies of the active snapshot. PAGE_TOKEN_INVALID means that
// the server reloaded since the page before.
func (c *Client) ListPolicies(ctx context.Context, request *embargov1.ListPoliciesRequest) (*embargov1.ListPoliciesResponse, error) {
	answer, _, err := c.listPage(ctx, request)
	return answer, err
}

func (c *Client) listPage(ctx context.Context, request *embargov1.ListPoliciesRequest) (*embargov1.ListPoliciesResponse, place, error) {
	return call(ctx, c, "ListPolicies", request,
		func(ctx context.Context, at *server) (*embargov1.ListPoliciesResponse, error) {
			return at.policies.ListPolicies(ctx, request)
		})
}

// ListAllPolicies lists all policies of one snapshot as one answer without a further page. It begins
// anew if the server reloads meanwhile, three times at most. The client's deadline bounds each page.
func (c *Client) ListAllPolicies(ctx context.Context) (*embargov1.ListPoliciesResponse, error) {
	for listing := 1; ; listing++ {
		all, err := c.listEveryPage(ctx)
		if err == nil || listing == listings || ReasonOf(err) != ReasonPageTokenInvalid {
			return all, err
		}
	}
}

func (c *Client) listEveryPage(ctx context.Context) (*embargov1.ListPoliciesResponse, error) {
	all := new(embargov1.ListPoliciesResponse)
	token := ""
	for {
		page, here, err := c.listPage(ctx, &embargov1.ListPoliciesRequest{PageSize: pageSize, PageToken: token})
		if err != nil {
			return nil, err
		}
		all.Policies = append(all.Policies, page.GetPolicies()...)
		all.Snapshot = page.GetSnapshot()
		next := page.GetNextPageToken()
		if next == "" {
			return all, nil
		}
		// The same page again would never end.
		if next == token {
			return nil, here.malformed("the next page is the same page again")
		}
		token = next
	}
}

// GetPolicy gets one policy of the active snapshot with its sources. The answer's policy is set.
func (c *Client) GetPolicy(ctx context.Context, policyID string) (*embargov1.GetPolicyResponse, error) {
	request := &embargov1.GetPolicyRequest{PolicyId: policyID}
	answer, here, err := call(ctx, c, "GetPolicy", request,
		func(ctx context.Context, at *server) (*embargov1.GetPolicyResponse, error) {
			return at.policies.GetPolicy(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	if answer.GetPolicy() == nil {
		return nil, here.lacks("policy")
	}
	return answer, nil
}

// GetSnapshot gets the active snapshot and how the last attempt to load the policy folder went. No
// snapshot is no error here.
func (c *Client) GetSnapshot(ctx context.Context) (*embargov1.GetSnapshotResponse, error) {
	request := new(embargov1.GetSnapshotRequest)
	answer, _, err := call(ctx, c, "GetSnapshot", request,
		func(ctx context.Context, at *server) (*embargov1.GetSnapshotResponse, error) {
			return at.policies.GetSnapshot(ctx, request)
		})
	return answer, err
}

// IdentifySoftware says which products of the catalogue given software is.
func (c *Client) IdentifySoftware(ctx context.Context, request *embargov1.IdentifySoftwareRequest) (*embargov1.IdentifySoftwareResponse, error) {
	answer, _, err := call(ctx, c, "IdentifySoftware", request,
		func(ctx context.Context, at *server) (*embargov1.IdentifySoftwareResponse, error) {
			return at.policies.IdentifySoftware(ctx, request)
		})
	return answer, err
}

// ValidateBundle compiles a bundle as a reload would, without activating it. Faults of the bundle
// stand in the answer.
func (c *Client) ValidateBundle(ctx context.Context, files []*embargov1.SourceFile) (*embargov1.ValidateBundleResponse, error) {
	request := &embargov1.ValidateBundleRequest{Files: files}
	answer, _, err := call(ctx, c, "ValidateBundle", request,
		func(ctx context.Context, at *server) (*embargov1.ValidateBundleResponse, error) {
			return at.policies.ValidateBundle(ctx, request)
		})
	return answer, err
}

// PolicyTests is the outcome of a test run that finished.
type PolicyTests struct {
	// Results are in no particular order.
	Results []*embargov1.RunPolicyTestsResponse_TestResult
	// Summary is always set.
	Summary *embargov1.RunPolicyTestsResponse_TestSummary
}

// RunPolicyTests runs the tests of a bundle, or of the active snapshot if no file is given. A server
// takes a minute for them at most: see [Client.WithDeadline]. A run that did not finish is an error.
func (c *Client) RunPolicyTests(ctx context.Context, request *embargov1.RunPolicyTestsRequest) (*PolicyTests, error) {
	tests, here, err := call(ctx, c, "RunPolicyTests", request,
		func(ctx context.Context, at *server) (*PolicyTests, error) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			events, err := at.policies.RunPolicyTests(ctx, request)
			if err != nil {
				return nil, err
			}
			return gather(events.Recv)
		})
	if err != nil {
		return nil, err
	}
	if tests.Summary == nil {
		return nil, here.lacks("summary")
	}
	if told := tests.Summary.GetPassedCount() + tests.Summary.GetFailedCount(); int(told) != len(tests.Results) {
		return nil, here.malformed("the summary counts %d tests and %d results came", told, len(tests.Results))
	}
	return tests, nil
}

// gather takes all events of a test run. What comes after the summary is no part of it.
func gather(next func() (*embargov1.RunPolicyTestsResponse, error)) (*PolicyTests, error) {
	tests := new(PolicyTests)
	for {
		event, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return tests, nil
		case err != nil:
			return nil, err
		case event.GetResult() != nil && tests.Summary == nil:
			tests.Results = append(tests.Results, event.GetResult())
		case event.GetSummary() != nil:
			tests.Summary = event.GetSummary()
		}
	}
}
