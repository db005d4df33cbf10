// The client itself: its servers, a deadline, a retry policy, and the one way in which calls with
// one answer are made. The calls stand by service in decisions.go and policies.go.
//
// No call waits longer than the client's deadline, whatever the server and the network do.

package embargo

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
)

// Client asks an Embargo server, or several that are equals. It may be used from any number of
// goroutines. Close it when it is no longer needed.
type Client struct {
	servers  *servers
	deadline time.Duration
	retry    RetryPolicy
}

// New makes a client of an endpoint such as http://127.0.0.1:8181 or https://embargo.example. It
// connects with its first call, so that the server may start later.
func New(endpoint string, options ...Option) (*Client, error) {
	s, err := settled(options)
	if err != nil {
		return nil, err
	}
	endpoints, err := s.endpoints(endpoint)
	if err != nil {
		return nil, err
	}
	circle := new(servers)
	for _, one := range endpoints {
		connection, err := one.dial(s)
		if err != nil {
			_ = circle.close()
			return nil, err
		}
		circle.all = append(circle.all, serverOver(one.typed, connection))
	}
	return &Client{servers: circle, deadline: s.deadline, retry: s.retry}, nil
}

// Connect is [New], and fails if no server can be reached within the deadline. One that answers a
// question about its health with a refusal is reached.
func Connect(ctx context.Context, endpoint string, options ...Option) (*Client, error) {
	client, err := New(endpoint, options...)
	if err != nil {
		return nil, err
	}
	if _, err := client.Serving(ctx, WholeServer); err != nil && asCallError(err).Kind != KindStatus {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// Close ends the connections and all that runs over them.
func (c *Client) Close() error { return c.servers.close() }

// WithDeadline is the same client, over the same connections, with another deadline for each call.
// Closing either closes both.
func (c *Client) WithDeadline(deadline time.Duration) *Client {
	other := *c
	other.deadline = deadline
	return &other
}

// Deadline is how long a call may take with all its attempts.
func (c *Client) Deadline() time.Duration { return c.deadline }

// ServerPart is what of a server is asked about.
type ServerPart string

const (
	// WholeServer is the server as a whole.
	WholeServer ServerPart = ""
	// DecisionPart is DecisionService: whether there are policies to judge by.
	DecisionPart ServerPart = "embargo.v1.DecisionService"
)

// Serving asks whether a part of the server serves: of the first that answers, if there are
// several. Everything but an explicit SERVING is a no.
func (c *Client) Serving(ctx context.Context, part ServerPart) (bool, error) {
	request := &healthv1.HealthCheckRequest{Service: string(part)}
	answer, _, err := call(ctx, c, "Check", request,
		func(ctx context.Context, at *server) (*healthv1.HealthCheckResponse, error) {
			return at.health.Check(ctx, request)
		})
	return answer.GetStatus() == healthv1.HealthCheckResponse_SERVING, err
}

// call makes a call with one answer and says where it came from.
func call[A any](
	ctx context.Context, c *Client, method string, request proto.Message,
	send func(ctx context.Context, at *server) (A, error),
) (A, place, error) {
	var answer A
	first := place{method: method, endpoint: c.servers.at(c.servers.first()).endpoint}
	if failure := first.fits(request); failure != nil {
		return answer, first, failure
	}
	here, err := c.run(ctx, method, func(ctx context.Context, at *server) error {
		var err error
		answer, err = send(ctx, at)
		return err
	})
	if err != nil {
		var none A
		return none, here, err
	}
	return answer, here, nil
}

// fits refuses what no server would take.
func (p place) fits(request proto.Message) *CallError {
	size := proto.Size(request)
	if size <= MaxMessageBytes {
		return nil
	}
	return p.failure(KindRefusedHere, codes.OutOfRange, fmt.Sprintf(
		"the request has %d bytes and %d are the most%ssend fewer hosts or files at a time",
		size, MaxMessageBytes, hintMark))
}
