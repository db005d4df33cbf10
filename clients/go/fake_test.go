// A server in this process whose answers the tests script, and the check that nothing is left behind.

package embargo

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

const (
	short = 60 * time.Millisecond
	long  = 20 * time.Second
)

// TestMain fails if goroutines of this package or of gRPC outlive all tests, each of which closes
// what it opens.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftBehind(5 * time.Second); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines are left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leftBehind waits until no goroutine of ours runs, and gives the stacks of those that do not end.
func leftBehind(patience time.Duration) string {
	deadline := time.Now().Add(patience)
	for {
		var left []string
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, stack := range strings.Split(string(stacks), "\n\n") {
			ours := strings.Contains(stack, "google.golang.org/grpc") || strings.Contains(stack, "embargo/clients/go")
			if ours && !strings.Contains(stack, "TestMain") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// fake is a server. A method without a script is not implemented.
type fake struct {
	v1.UnimplementedDecisionServiceServer
	v1.UnimplementedPolicyServiceServer

	endpoint string
	server   *grpc.Server
	health   *health.Server

	mutex    sync.Mutex
	calls    int
	decides  int
	timeouts []time.Duration
	tokens   []string

	decide    func(context.Context, *v1.DecideHostRequest) (*v1.DecideHostResponse, error)
	batch     func(*v1.BatchDecideHostsRequest) (*v1.BatchDecideHostsResponse, error)
	inventory func(*v1.DecideInventoryRequest) (*v1.DecideInventoryResponse, error)
	explain   func(*v1.ExplainDecisionRequest) (*v1.ExplainDecisionResponse, error)
	timeline  func(*v1.ComputeDecisionTimelineRequest) (*v1.ComputeDecisionTimelineResponse, error)
	stream    func(grpc.BidiStreamingServer[v1.StreamDecideHostsRequest, v1.StreamDecideHostsResponse]) error
	watch     func(grpc.ServerStreamingServer[v1.WatchSnapshotResponse]) error
	list      func(*v1.ListPoliciesRequest) (*v1.ListPoliciesResponse, error)
	policy    func(*v1.GetPolicyRequest) (*v1.GetPolicyResponse, error)
	validate  func(*v1.ValidateBundleRequest) (*v1.ValidateBundleResponse, error)
	identify  func(*v1.IdentifySoftwareRequest) (*v1.IdentifySoftwareResponse, error)
	trial     func(grpc.ServerStreamingServer[v1.RunPolicyTestsResponse]) error
}

// start serves on a free port until the test ends.
func (f *fake) start(t *testing.T, options ...grpc.ServerOption) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.serve(t, listener, options...)
	return f
}

func (f *fake) serve(t *testing.T, listener net.Listener, options ...grpc.ServerOption) {
	options = append(options, grpc.MaxRecvMsgSize(MaxMessageBytes), grpc.MaxSendMsgSize(MaxMessageBytes))
	f.endpoint = "http://" + listener.Addr().String()
	f.server = grpc.NewServer(options...)
	f.health = health.NewServer()
	v1.RegisterDecisionServiceServer(f.server, f)
	v1.RegisterPolicyServiceServer(f.server, f)
	healthv1.RegisterHealthServer(f.server, f.health)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = f.server.Serve(listener)
	}()
	t.Cleanup(func() {
		f.server.Stop()
		<-served
	})
}

// client asks the fake and is closed when the test ends.
func (f *fake) client(t *testing.T, options ...Option) *Client {
	t.Helper()
	return clientOf(t, f.endpoint, options...)
}

func clientOf(t *testing.T, endpoint string, options ...Option) *Client {
	t.Helper()
	quick := WithRetry(RetryPolicy{MaxAttempts: 4, FirstPause: time.Millisecond, LongestPause: time.Millisecond})
	client, err := New(endpoint, append([]Option{quick, WithDeadline(long)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// note takes in what a call came with.
func (f *fake) note(ctx context.Context) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.calls++
	if deadline, has := ctx.Deadline(); has {
		f.timeouts = append(f.timeouts, time.Until(deadline))
	}
	if came, has := metadata.FromIncomingContext(ctx); has {
		f.tokens = append(f.tokens, strings.Join(came.Get("authorization"), ","))
	}
}

func (f *fake) called() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.calls
}

// decideCalls is how often DecideHost was called.
func (f *fake) decideCalls() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.decides
}

func (f *fake) DecideHost(ctx context.Context, request *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
	f.note(ctx)
	f.mutex.Lock()
	f.decides++
	f.mutex.Unlock()
	return f.decide(ctx, request)
}

func (f *fake) BatchDecideHosts(ctx context.Context, request *v1.BatchDecideHostsRequest) (*v1.BatchDecideHostsResponse, error) {
	f.note(ctx)
	return f.batch(request)
}

func (f *fake) DecideInventory(ctx context.Context, request *v1.DecideInventoryRequest) (*v1.DecideInventoryResponse, error) {
	f.note(ctx)
	return f.inventory(request)
}

func (f *fake) ExplainDecision(ctx context.Context, request *v1.ExplainDecisionRequest) (*v1.ExplainDecisionResponse, error) {
	f.note(ctx)
	return f.explain(request)
}

func (f *fake) ComputeDecisionTimeline(ctx context.Context, request *v1.ComputeDecisionTimelineRequest) (*v1.ComputeDecisionTimelineResponse, error) {
	f.note(ctx)
	return f.timeline(request)
}

func (f *fake) StreamDecideHosts(stream grpc.BidiStreamingServer[v1.StreamDecideHostsRequest, v1.StreamDecideHostsResponse]) error {
	f.note(stream.Context())
	return f.stream(stream)
}

func (f *fake) WatchSnapshot(_ *v1.WatchSnapshotRequest, stream grpc.ServerStreamingServer[v1.WatchSnapshotResponse]) error {
	f.note(stream.Context())
	return f.watch(stream)
}

func (f *fake) ListPolicies(ctx context.Context, request *v1.ListPoliciesRequest) (*v1.ListPoliciesResponse, error) {
	f.note(ctx)
	return f.list(request)
}

func (f *fake) GetPolicy(ctx context.Context, request *v1.GetPolicyRequest) (*v1.GetPolicyResponse, error) {
	f.note(ctx)
	return f.policy(request)
}

func (f *fake) ValidateBundle(ctx context.Context, request *v1.ValidateBundleRequest) (*v1.ValidateBundleResponse, error) {
	f.note(ctx)
	return f.validate(request)
}

func (f *fake) IdentifySoftware(ctx context.Context, request *v1.IdentifySoftwareRequest) (*v1.IdentifySoftwareResponse, error) {
	f.note(ctx)
	return f.identify(request)
}

func (f *fake) RunPolicyTests(_ *v1.RunPolicyTestsRequest, stream grpc.ServerStreamingServer[v1.RunPolicyTestsResponse]) error {
	f.note(stream.Context())
	return f.trial(stream)
}

// deciding answers each question with the given decision.
func deciding(decision *v1.Decision) func(context.Context, *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
	return func(context.Context, *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
		return &v1.DecideHostResponse{Decision: decision}, nil
	}
}

// step is one answer of a script.
type step func(context.Context) (*v1.DecideHostResponse, error)

// script answers with one step after the other, and then with the last again.
func script(steps ...step) func(context.Context, *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
	var mutex sync.Mutex
	next := 0
	return func(ctx context.Context, _ *v1.DecideHostRequest) (*v1.DecideHostResponse, error) {
		mutex.Lock()
		one := steps[min(next, len(steps)-1)]
		next++
		mutex.Unlock()
		return one(ctx)
	}
}

func answer(effect v1.Effect) step {
	return func(context.Context) (*v1.DecideHostResponse, error) {
		return &v1.DecideHostResponse{Decision: decision(effect)}, nil
	}
}

func fail(code codes.Code, message string, details ...protoadapt.MessageV1) step {
	return func(context.Context) (*v1.DecideHostResponse, error) {
		failure, err := status.New(code, message).WithDetails(details...)
		if err != nil {
			return nil, err
		}
		return nil, failure.Err()
	}
}

func hang(ctx context.Context) (*v1.DecideHostResponse, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func errorInfo(reason string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Domain: ErrorDomain, Reason: reason, Metadata: metadata}
}

func returnAfter(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

const hostID = "host-1-of-jane-doe"

// decision is one on what question asks.
func decision(effect v1.Effect) *v1.Decision {
	return &v1.Decision{
		HostId: hostID, Action: v1.Action_ACTION_INSTALL, Effect: effect,
		SnapshotId: "aa", EvaluateTime: timestamppb.New(time.Unix(1, 0)),
	}
}

func facts() *v1.HostFacts {
	return &v1.HostFacts{HostId: hostID, Software: []*v1.Software{{Name: "Example Editor"}}}
}

func question() *v1.DecideHostRequest {
	return &v1.DecideHostRequest{Facts: facts(), Action: v1.Action_ACTION_INSTALL}
}

// failureOf is the failure of a call, which must be a *CallError.
func failureOf(t *testing.T, err error) *CallError {
	t.Helper()
	failure := asCallError(err)
	if failure == nil {
		t.Fatalf("%v is no *CallError", err)
	}
	if failure.Code == codes.OK {
		t.Fatalf("%v has the code OK", err)
	}
	return failure
}

// vacant is an endpoint that nothing listens on.
func vacant(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// later is an address that is listened on later.
type later struct{ endpoint, address string }

func listenLater(t *testing.T) later {
	t.Helper()
	endpoint := vacant(t)
	return later{endpoint: endpoint, address: strings.TrimPrefix(endpoint, "http://")}
}

func (l later) listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", l.address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
