// Why a call gave no answer: the one error type of all calls.

package embargo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind tells apart in which way a call gave no answer.
type Kind int

const (
	// KindStatus: a status was answered, by an Embargo server or by a proxy before it.
	KindStatus Kind = iota + 1
	// KindTransport: the connection failed before there was an answer.
	KindTransport
	// KindDeadline: there was no answer in time.
	KindDeadline
	// KindCanceled: the caller's context was cancelled.
	KindCanceled
	// KindNoDecision: there was an answer, and it holds no decision on what was asked.
	KindNoDecision
	// KindMalformed: there was an answer, and it breaks the contract.
	KindMalformed
	// KindRefusedHere: the request was not sent, because no server would take it.
	KindRefusedHere
)

func (k Kind) String() string {
	switch k {
	case KindStatus:
		return "status"
	case KindTransport:
		return "transport"
	case KindDeadline:
		return "deadline"
	case KindCanceled:
		return "canceled"
	case KindNoDecision:
		return "no decision"
	case KindMalformed:
		return "malformed"
	case KindRefusedHere:
		return "refused here"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// CallError says why a call, or one item of it, gave no answer. It never stands for ALLOW. Get it
// from an error by errors.As.
type CallError struct {
	// Kind is how the call failed.
	Kind Kind
	// Code is the status code, or the one that stands for the failure best: UNAVAILABLE for a
	// connection that failed, INTERNAL for an answer that is none. Never OK.
	Code codes.Code
	// Reason is why, for programs. Empty if no Embargo server made the failure.
	Reason Reason
	// Message is what went wrong, for people. Its wording is not part of the contract.
	Message string
	// Metadata belongs to the reason, such as `activeSnapshotId`.
	Metadata map[string]string
	// Fields are the fields of the request that are at fault, at most 16.
	Fields []FieldViolation
	// RetryDelay is how long the server asks to wait before the call is made again. Nil if it
	// does not say.
	RetryDelay *time.Duration
	// Method is the method that was called, such as `DecideHost`.
	Method string
	// Endpoint is the server that was asked, as it was given.
	Endpoint string
	// CorrelationID is the item's, if the failure is about one of a batch or stream.
	CorrelationID string

	answered *status.Status
	cause    error
}

// FieldViolation is a field of the request that breaks its stated rule.
type FieldViolation struct {
	// Field is its path, such as `facts.software[17].sha256`.
	Field string
	// Description is what is wrong with it.
	Description string
}

// hintMark is what a message has before its remedy.
const hintMark = "\n  hint: "

// Error says the cause, the place and then the remedy, on one line.
func (e *CallError) Error() string {
	cause, hint, more := e.parts()
	var text strings.Builder
	text.WriteString(cause)
	listed := 0
	for _, violation := range e.Fields {
		if strings.Contains(cause, "`"+violation.Field+"`") {
			continue
		}
		if listed++; listed == 1 {
			text.WriteString(": ")
		} else {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "`%s` %s", violation.Field, violation.Description)
	}
	if e.Kind == KindStatus {
		text.WriteString(" (" + CodeName(e.Code))
		if e.Reason != "" {
			text.WriteString(", " + string(e.Reason))
		}
		text.WriteString(")")
	}
	text.WriteString(": ")
	if e.CorrelationID != "" {
		fmt.Fprintf(&text, "item %q of ", e.CorrelationID)
	}
	text.WriteString(e.Method + " at " + e.Endpoint)
	if hint != "" {
		text.WriteString("; hint: " + hint)
	}
	for _, line := range more {
		text.WriteString("; " + line)
	}
	return text.String()
}

// parts takes the message apart: the cause, the remedy, and what a server says beyond them.
func (e *CallError) parts() (cause, hint string, more []string) {
	cause, rest, _ := strings.Cut(e.Message, "\n")
	if cause == "" {
		cause = "the call failed"
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if said, is := strings.CutPrefix(line, "hint:"); is {
			hint = strings.TrimSpace(said)
		} else if line != "" {
			more = append(more, line)
		}
	}
	if hint == "" {
		hint = e.hint()
	}
	return cause, hint, more
}

func (e *CallError) hint() string {
	switch e.Kind {
	case KindStatus:
		if e.Reason != "" {
			return hints[e.Reason]
		}
		return codeHint(e.Code)
	case KindTransport:
		return "check that the server runs and can be reached"
	case KindDeadline:
		return "allow more time, or check the server's load"
	case KindNoDecision, KindMalformed:
		return "check that the endpoint is an Embargo server of this version"
	}
	return ""
}

// Unwrap gives context.DeadlineExceeded or context.Canceled where they are the cause.
func (e *CallError) Unwrap() error { return e.cause }

// GRPCStatus is the status that was answered, with its details, or one of Code and Message.
func (e *CallError) GRPCStatus() *status.Status {
	if e.answered != nil {
		return e.answered
	}
	return status.New(e.Code, e.Message)
}

// Retryable says whether the same call may succeed a little later: the server was unavailable or
// could not be reached, or it is out of a resource and says when to return.
func (e *CallError) Retryable() bool {
	switch e.Kind {
	case KindTransport:
		return true
	case KindStatus:
		return e.Code == codes.Unavailable ||
			(e.Code == codes.ResourceExhausted && e.RetryDelay != nil)
	}
	return false
}

// RequestFault says whether the request is at fault, so that repeating it unchanged does not help.
func (e *CallError) RequestFault() bool {
	switch e.Kind {
	case KindRefusedHere:
		return true
	case KindStatus:
		switch e.Code {
		case codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition, codes.OutOfRange:
			return true
		}
	}
	return false
}

// place says which call to which server, and which item of it.
type place struct {
	method   string
	endpoint string
	item     string
}

func (p place) of(correlationID string) place {
	p.item = correlationID
	return p
}

func (p place) failure(kind Kind, code codes.Code, message string) *CallError {
	return &CallError{
		Kind: kind, Code: code, Message: message,
		Method: p.method, Endpoint: p.endpoint, CorrelationID: p.item,
	}
}

func (p place) noDecision(cause string) *CallError {
	return p.failure(KindNoDecision, codes.Internal, cause)
}

func (p place) malformed(format string, arguments ...any) *CallError {
	return p.failure(KindMalformed, codes.Internal, fmt.Sprintf(format, arguments...))
}

func (p place) lacks(part string) *CallError {
	return p.malformed("the answer lacks `%s`", part)
}

func (p place) late(limit time.Duration) *CallError {
	failure := p.failure(KindDeadline, codes.DeadlineExceeded, fmt.Sprintf("no answer within %v", limit))
	failure.cause = context.DeadlineExceeded
	return failure
}

// left is the failure of a caller whose own context ended.
func (p place) left(cause error) *CallError {
	if cause == context.DeadlineExceeded {
		failure := p.failure(KindDeadline, codes.DeadlineExceeded, "no answer before the context's deadline")
		failure.cause = cause
		return failure
	}
	failure := p.failure(KindCanceled, codes.Canceled, "the call was given up")
	failure.cause = context.Canceled
	return failure
}

// answered reads a status that came from the other side.
func (p place) answered(answer *status.Status) *CallError {
	code := answer.Code()
	if code == codes.OK {
		// An error whose code is OK contradicts itself and must not pass for a success.
		code = codes.Unknown
	}
	failure := p.failure(KindStatus, code, answer.Message())
	if code == answer.Code() {
		failure.answered = answer
	}
	if code == codes.DeadlineExceeded {
		// The clock of the server, or of a proxy, was the first to notice.
		failure.cause = context.DeadlineExceeded
	}
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			// Another domain's reasons are not ours to read.
			if detail.GetDomain() == ErrorDomain {
				failure.Reason = Reason(detail.GetReason())
				failure.Metadata = detail.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				failure.Fields = append(failure.Fields, FieldViolation{
					Field: violation.GetField(), Description: violation.GetDescription(),
				})
			}
		case *errdetails.RetryInfo:
			if delay := detail.GetRetryDelay(); delay.IsValid() {
				wait := max(delay.AsDuration(), 0)
				failure.RetryDelay = &wait
			}
		}
	}
	return failure
}
