// What is no Embargo server, or not a sound one: proxies, pages, bytes that are no message.

package embargo

import (
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc/codes"
)

// speaking starts a server of HTTP/2 without TLS that answers everything by the handler.
func speaking(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// framed is a message as gRPC frames it.
func framed(message []byte) []byte {
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	return append(frame, message...)
}

// saying answers as gRPC does, with these bytes and this status in the trailer.
func saying(content []byte, status string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(content)
		w.Header().Set("Grpc-Status", status)
	}
}

// page answers with a status of HTTP and a page.
func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<p>allow</p>"))
	}
}

func TestWhatIsNoAnswerOfTheApiClosesTheGate(t *testing.T) {
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		kind    Kind
		code    codes.Code
	}{
		"a page":                   {page(http.StatusOK), KindStatus, codes.Unknown},
		"a page that asks who":     {page(http.StatusUnauthorized), KindStatus, codes.Unauthenticated},
		"a page that refuses":      {page(http.StatusForbidden), KindStatus, codes.PermissionDenied},
		"a page that is not there": {page(http.StatusNotFound), KindStatus, codes.Unimplemented},
		"a proxy without a server": {page(http.StatusServiceUnavailable), KindTransport, codes.Unavailable},
		"an empty message":         {saying(framed(nil), "0"), KindNoDecision, codes.Internal},
		"an unknown status":        {saying(nil, "99"), KindStatus, codes.Code(99)},
		// gRPC reports these as it reports a status of the server's own, whenever the trailer is there.
		"OK without a message":      {saying(nil, "0"), 0, codes.Internal},
		"OK with two messages":      {saying(append(framed(nil), framed(nil)...), "0"), 0, codes.Internal},
		"bytes that are no message": {saying(framed([]byte{0xff, 0xff}), "0"), 0, codes.Internal},
		"half a message":            {saying(framed(make([]byte, 100))[:50], "0"), 0, codes.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			gate := NewGate(clientOf(t, speaking(t, row.handler), WithRetry(NoRetry())), long)
			failure := failureOf(t, closedBy(t, gate, question()))
			if (row.kind != 0 && failure.Kind != row.kind) || failure.Code != row.code {
				t.Errorf("%s %d: %v", failure.Kind, failure.Code, failure)
			}
		})
	}
}

func TestAServerOfHTTP1AloneClosesTheGate(t *testing.T) {
	server := httptest.NewServer(page(http.StatusOK))
	defer server.Close()
	gate := NewGate(clientOf(t, server.URL), long)
	if failure := failureOf(t, closedBy(t, gate, question())); failure.Kind != KindTransport {
		t.Error(failure)
	}
}
