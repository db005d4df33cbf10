// The watch of the active snapshot, through servers that end and return.

package embargo

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

type watchStream = grpc.ServerStreamingServer[v1.WatchSnapshotResponse]

func state(snapshotID string) *v1.WatchSnapshotResponse {
	return &v1.WatchSnapshotResponse{Active: &v1.Snapshot{Ref: &v1.SnapshotRef{SnapshotId: snapshotID}}}
}

// telling gives states and holds the watch open.
func telling(states ...*v1.WatchSnapshotResponse) func(watchStream) error {
	return func(stream watchStream) error {
		for _, one := range states {
			if err := stream.Send(one); err != nil {
				return err
			}
		}
		<-stream.Context().Done()
		return stream.Context().Err()
	}
}

func TestAWatchGivesEachStateAndGoesOnAfterAFailure(t *testing.T) {
	var opened atomic.Int32
	server := &fake{watch: func(stream watchStream) error {
		switch opened.Add(1) {
		case 1:
			return status.Error(codes.Unavailable, "starting")
		case 2:
			_ = stream.Send(state("aa"))
			_ = stream.Send(state("bb"))
			return status.Error(codes.Unavailable, "draining")
		case 3:
			return nil
		}
		return telling(state("cc"))(stream)
	}}
	client := server.start(t).client(t)
	var told []string
	for got, err := range client.WatchSnapshot(t.Context()) {
		if err != nil {
			told = append(told, "("+CodeName(failureOf(t, err).Code)+")")
		} else {
			told = append(told, got.GetActive().GetRef().GetSnapshotId())
		}
		if len(told) == 6 {
			break
		}
	}
	want := []string{"(UNAVAILABLE)", "aa", "bb", "(UNAVAILABLE)", "(UNAVAILABLE)", "cc"}
	for at := range want {
		if told[at] != want[at] {
			t.Fatalf("it told %q", told)
		}
	}
	if len(server.timeouts) != 0 {
		t.Error("a deadline was sent that would end the watch")
	}
}

func TestAWatchThatIsNeverToldAnythingFailsAtTheDeadlineAndGoesOn(t *testing.T) {
	var opened atomic.Int32
	server := &fake{watch: func(stream watchStream) error {
		if opened.Add(1) == 1 {
			return telling()(stream)
		}
		return telling(state("aa"))(stream)
	}}
	client := server.start(t).client(t, WithDeadline(short))
	failures := 0
	for got, err := range client.WatchSnapshot(t.Context()) {
		if err == nil {
			if got.GetActive().GetRef().GetSnapshotId() != "aa" {
				t.Error(got)
			}
			break
		}
		if failures++; failureOf(t, err).Kind != KindDeadline {
			t.Error(err)
		}
	}
	if failures != 1 {
		t.Errorf("%d failures", failures)
	}
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	server := &fake{watch: telling(state("aa"))}
	client := server.start(t).client(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var last error
	for _, err := range client.WatchSnapshot(ctx) {
		last = err
		leave()
	}
	if failureOf(t, last).Kind != KindCanceled || !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
}

func TestAWatchGoesToAServerThatIsThere(t *testing.T) {
	server := &fake{watch: telling(state("aa"))}
	client := clientOf(t, vacant(t), WithServers(server.start(t).endpoint))
	failures := 0
	for _, err := range client.WatchSnapshot(t.Context()) {
		if err == nil {
			break
		}
		failures++
	}
	if failures != 1 {
		t.Errorf("%d failures before it", failures)
	}
}
