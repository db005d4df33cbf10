// The contract's reasons for a failure, and what can be done about each.

package embargo

import (
	"errors"

	"google.golang.org/grpc/codes"
)

// ErrorDomain is the domain of google.rpc.ErrorInfo whose reasons are read.
const ErrorDomain = "embargo.v1"

// Reason says why a call has no answer, as google.rpc.ErrorInfo carries it. The set may grow, and a
// reason that this release does not know stays as it came: go by the code then.
type Reason string

// The reasons of the contract. What each means stands in embargo/v1/error_reason.proto.
const (
	ReasonFactsInvalid     Reason = "FACTS_INVALID"
	ReasonRequestInvalid   Reason = "REQUEST_INVALID"
	ReasonBatchTooLarge    Reason = "BATCH_TOO_LARGE"
	ReasonPageTokenInvalid Reason = "PAGE_TOKEN_INVALID"
	ReasonBundleInvalid    Reason = "BUNDLE_INVALID"
	ReasonBundleRejected   Reason = "BUNDLE_REJECTED"
	ReasonPolicyNotFound   Reason = "POLICY_NOT_FOUND"
	ReasonSnapshotMismatch Reason = "SNAPSHOT_MISMATCH"
	ReasonNoSnapshot       Reason = "NO_SNAPSHOT"
	ReasonDraining         Reason = "DRAINING"
	ReasonOverloaded       Reason = "OVERLOADED"
	ReasonAnswerTooLarge   Reason = "ANSWER_TOO_LARGE"
	ReasonDeadlinePassed   Reason = "DEADLINE_PASSED"
	ReasonServerFault      Reason = "SERVER_FAULT"
	ReasonInventoryInvalid Reason = "INVENTORY_INVALID"
	ReasonRateLimited      Reason = "RATE_LIMITED"
	// The server keeps a decision log and cannot write to it.
	ReasonDecisionLogUnavailable Reason = "DECISION_LOG_UNAVAILABLE"

	ReasonCredentialsMissing Reason = "CREDENTIALS_MISSING"
	ReasonCredentialsInvalid Reason = "CREDENTIALS_INVALID"
	ReasonScopeMissing       Reason = "SCOPE_MISSING"
)

// ReasonOf is the reason that an error carries, or empty if no Embargo server gave one.
func ReasonOf(err error) Reason {
	var failure *CallError
	if errors.As(err, &failure) {
		return failure.Reason
	}
	return ""
}

// hints say what would put a failure right, where its own message does not.
var hints = map[Reason]string{
	ReasonFactsInvalid:     "correct the named fields",
	ReasonRequestInvalid:   "correct the named fields",
	ReasonBatchTooLarge:    "send smaller batches, or a stream",
	ReasonPageTokenInvalid: "list from the start",
	ReasonBundleInvalid:    "check the paths and sizes of the files",
	ReasonBundleRejected:   "validate the bundle to see its faults",
	ReasonPolicyNotFound:   "list the policies to see which there are",
	ReasonSnapshotMismatch: "require the active snapshot, or none if any may answer",
	ReasonNoSnapshot:       "see the server's log for why its policies did not load, or ask another",
	ReasonDraining:         "ask another server",
	ReasonOverloaded:       "ask again later, or add servers",
	ReasonAnswerTooLarge:   "ask for less at a time",
	ReasonDeadlinePassed:   "allow more time",
	ReasonServerFault:      "the server's log says more",
	ReasonInventoryInvalid: "export the inventory again, or name its format",
	ReasonRateLimited:      "ask less often, or about many hosts in one call",

	ReasonDecisionLogUnavailable: "ask again later or another; the server's log says what keeps its decision log",
	ReasonCredentialsMissing:     "give the client a token or a certificate",
	ReasonCredentialsInvalid:     "renew the token or the certificate; `cause` says what is wrong with it",
	ReasonScopeMissing:           "ask who runs the server for the scope",
}

// codeHint is the remedy for a status without a reason, which no Embargo server made.
func codeHint(code codes.Code) string {
	switch code {
	case codes.Unavailable:
		return "check that the server behind the endpoint runs"
	case codes.Unimplemented:
		return "check that the endpoint is an Embargo server of this version"
	case codes.Unauthenticated, codes.PermissionDenied:
		return "ask who runs the endpoint for access"
	}
	return ""
}

// codeNames are the names of codes in the gRPC documents, by which people search for them.
var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
	"ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
	"OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// CodeName is the name of a code in the gRPC documents, such as INVALID_ARGUMENT.
func CodeName(code codes.Code) string {
	if int64(code) < int64(len(codeNames)) {
		return codeNames[code]
	}
	return "UNKNOWN"
}
