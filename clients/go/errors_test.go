// What callers learn from failures that crossed a connection.

package embargo

import (
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// failing is the failure of a question that is answered with these steps.
func failing(t *testing.T, steps ...step) (*CallError, *fake) {
	t.Helper()
	server := &fake{decide: script(steps...)}
	_, err := server.start(t).client(t).DecideHost(t.Context(), question())
	return failureOf(t, err), server
}

func TestTheDetailsOfAStatusArrive(t *testing.T) {
	fields := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "facts.host_id", Description: "is empty"},
		{Field: "facts.software[17].sha256", Description: "has 20 bytes"},
	}}
	failure, server := failing(t, fail(codes.InvalidArgument, "facts are invalid", errorInfo("FACTS_INVALID", nil), fields))
	want := []FieldViolation{{"facts.host_id", "is empty"}, {"facts.software[17].sha256", "has 20 bytes"}}
	if failure.Reason != ReasonFactsInvalid || !reflect.DeepEqual(failure.Fields, want) || !failure.RequestFault() {
		t.Errorf("%+v", *failure)
	}
	if failure.Method != "DecideHost" || failure.Endpoint != server.endpoint {
		t.Errorf("%s at %s", failure.Method, failure.Endpoint)
	}
	text := "facts are invalid: `facts.host_id` is empty, `facts.software[17].sha256` has 20 bytes " +
		"(INVALID_ARGUMENT, FACTS_INVALID): DecideHost at " + server.endpoint + "; hint: correct the named fields"
	if failure.Error() != text {
		t.Error(failure)
	}
	if server.called() != 1 {
		t.Error("an invalid request was sent again")
	}
	if answered := status.Convert(failure); answered.Code() != codes.InvalidArgument || len(answered.Details()) != 2 {
		t.Error(answered)
	}
}

func TestTheServersOwnRemedyEndsTheText(t *testing.T) {
	failure, server := failing(t, fail(codes.FailedPrecondition,
		"the active snapshot is `b`, and the caller requires `a`\n  hint: read GetSnapshot",
		errorInfo("SNAPSHOT_MISMATCH", map[string]string{"activeSnapshotId": "b"})))
	if failure.Metadata["activeSnapshotId"] != "b" {
		t.Error(failure.Metadata)
	}
	text := "the active snapshot is `b`, and the caller requires `a` (FAILED_PRECONDITION, SNAPSHOT_MISMATCH): " +
		"DecideHost at " + server.endpoint + "; hint: read GetSnapshot"
	if failure.Error() != text {
		t.Error(failure)
	}
}

func TestWhatAServerSaysBeyondItStaysOnTheLine(t *testing.T) {
	failure, server := failing(t, fail(codes.InvalidArgument,
		"no format\n  hint: \n  see: docs/codes/inventory.md", errorInfo("INVENTORY_INVALID", nil)))
	text := "no format (INVALID_ARGUMENT, INVENTORY_INVALID): DecideHost at " + server.endpoint +
		"; hint: export the inventory again, or name its format; see: docs/codes/inventory.md"
	if failure.Error() != text {
		t.Error(failure)
	}
}

func TestAReasonOfANewerServerStaysReadable(t *testing.T) {
	failure, _ := failing(t, fail(codes.Aborted, "no", errorInfo("NOT_YET_KNOWN", nil)))
	if ReasonOf(failure) != "NOT_YET_KNOWN" || !strings.Contains(failure.Error(), "(ABORTED, NOT_YET_KNOWN)") {
		t.Error(failure)
	}
}

func TestReasonsOfOtherDomainsAreNotRead(t *testing.T) {
	info := &errdetails.ErrorInfo{Domain: "proxy.example", Reason: "FACTS_INVALID"}
	failure, _ := failing(t, fail(codes.InvalidArgument, "no", info))
	if failure.Reason != "" || failure.Metadata != nil {
		t.Errorf("%+v", *failure)
	}
	if ReasonOf(errors.New("another error")) != "" {
		t.Error("another error has a reason")
	}
}

func TestEveryReasonOfTheContractHasAConstantAndARemedy(t *testing.T) {
	for number, name := range v1.ErrorReason_name {
		reason := Reason(strings.TrimPrefix(name, "ERROR_REASON_"))
		if _, known := hints[reason]; number != 0 && !known {
			t.Errorf("%s has none", reason)
		}
	}
	if len(hints) != len(v1.ErrorReason_name)-1 {
		t.Error("there are reasons that the contract does not have")
	}
}

func TestAConnectionThatBreaksIsAFailureOfTheTransport(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connection.Close()
		}
	}()
	defer func() {
		listener.Close()
		<-accepting
	}()
	_, err = clientOf(t, "http://"+listener.Addr().String()).DecideHost(t.Context(), question())
	if failure := failureOf(t, err); failure.Kind != KindTransport || failure.Code != codes.Unavailable {
		t.Error(failure)
	}
}

func TestAnAnsweredUnavailableIsNoFailureOfTheTransport(t *testing.T) {
	failure, server := failing(t, fail(codes.Unavailable, "draining", errorInfo("DRAINING", nil)))
	if failure.Kind != KindStatus || failure.Reason != ReasonDraining {
		t.Error(failure)
	}
	if server.called() != 4 {
		t.Errorf("it was asked %d times", server.called())
	}
}

func TestAStatusWithoutDetailsIsAnswered(t *testing.T) {
	failure, _ := failing(t, fail(codes.Unavailable, "from a proxy"))
	if failure.Kind != KindStatus || failure.Reason != "" {
		t.Error(failure)
	}
}

func TestWhetherARequestMayBeSentAgainIsToldByCodeAndDelay(t *testing.T) {
	delay := time.Second
	for _, row := range []struct {
		failure CallError
		want    bool
	}{
		{CallError{Kind: KindTransport, Code: codes.Unavailable}, true},
		{CallError{Kind: KindStatus, Code: codes.Unavailable}, true},
		{CallError{Kind: KindStatus, Code: codes.ResourceExhausted, RetryDelay: &delay}, true},
		{CallError{Kind: KindStatus, Code: codes.ResourceExhausted}, false},
		{CallError{Kind: KindStatus, Code: codes.Internal, RetryDelay: &delay}, false},
		{CallError{Kind: KindStatus, Code: codes.DeadlineExceeded}, false},
		{CallError{Kind: KindDeadline, Code: codes.DeadlineExceeded}, false},
		{CallError{Kind: KindNoDecision, Code: codes.Internal}, false},
		{CallError{Kind: KindMalformed, Code: codes.Internal}, false},
		{CallError{Kind: KindCanceled, Code: codes.Canceled}, false},
	} {
		if got := row.failure.Retryable(); got != row.want {
			t.Errorf("%s %s: %v", row.failure.Kind, CodeName(row.failure.Code), got)
		}
	}
}

func TestARequestThatNoServerWouldTakeIsNotSent(t *testing.T) {
	server := new(fake).start(t)
	files := []*v1.SourceFile{{Path: "a", Content: make([]byte, MaxMessageBytes)}}
	_, err := server.client(t).ValidateBundle(t.Context(), files)
	if failure := failureOf(t, err); failure.Kind != KindRefusedHere || !failure.RequestFault() {
		t.Error(failure)
	}
	if server.called() != 0 {
		t.Error("it was sent")
	}
}

func TestAnAnswerAboveTheDefaultOfTheTransportArrives(t *testing.T) {
	server := &fake{validate: func(*v1.ValidateBundleRequest) (*v1.ValidateBundleResponse, error) {
		return &v1.ValidateBundleResponse{SnapshotId: strings.Repeat("a", 12<<20)}, nil
	}}
	files := []*v1.SourceFile{{Path: "a", Content: make([]byte, 12<<20)}}
	got, err := server.start(t).client(t).ValidateBundle(t.Context(), files)
	if err != nil || len(got.GetSnapshotId()) != 12<<20 {
		t.Error(err)
	}
}

func TestCodesHaveTheNamesOfTheDocuments(t *testing.T) {
	if CodeName(codes.InvalidArgument) != "INVALID_ARGUMENT" || CodeName(codes.Canceled) != "CANCELLED" ||
		CodeName(codes.Unauthenticated) != "UNAUTHENTICATED" || CodeName(99) != "UNKNOWN" {
		t.Error("they have not")
	}
}
