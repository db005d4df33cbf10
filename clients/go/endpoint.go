// Endpoints: what was typed, checked once, and the connection that it becomes.

package embargo

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// endpoint is an address that can be dialled.
type endpoint struct {
	// typed is the address as it was given, for errors.
	typed string
	// address is HOST:PORT.
	address string
	host    string
	secure  bool
}

// parseEndpoint reads `http://HOST:PORT` or `https://HOST[:PORT]`.
func parseEndpoint(typed string) (endpoint, error) {
	refused := fmt.Errorf("%q is not an endpoint; hint: write it as http://HOST:PORT or https://HOST:PORT", typed)
	parsed, err := url.Parse(typed)
	if err != nil || parsed.Hostname() == "" || parsed.Opaque != "" || parsed.RawQuery != "" ||
		parsed.Fragment != "" || (parsed.Path != "" && parsed.Path != "/") {
		if err == nil && parsed.User == nil {
			return endpoint{}, refused
		}
		// It may hold a password.
		return endpoint{}, fmt.Errorf("this is not an endpoint; hint: write it as http://HOST:PORT or https://HOST:PORT")
	}
	if parsed.User != nil {
		return endpoint{}, fmt.Errorf("an endpoint holds no user and password; hint: give a token by WithToken")
	}
	made := endpoint{typed: strings.TrimSuffix(typed, "/"), host: parsed.Hostname()}
	port := parsed.Port()
	switch parsed.Scheme {
	case "http":
		if port == "" {
			port = "80"
		}
	case "https":
		made.secure = true
		if port == "" {
			port = "443"
		}
	default:
		return endpoint{}, refused
	}
	made.address = net.JoinHostPort(made.host, port)
	return made, nil
}

// loopback says whether what is sent there stays on this machine.
func (e endpoint) loopback() bool {
	if strings.EqualFold(e.host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(e.host)
	return err == nil && address.Unmap().IsLoopback()
}

// dial makes the connection, which is opened by the first call.
func (e endpoint) dial(s *settings) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if e.secure {
		transport = credentials.NewTLS(s.tls.Clone())
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUserAgent("embargo-go/" + Version),
		grpc.WithStatsHandler(answerNotes{}),
		// Calls are made again here, so that servers take turns and RetryInfo is honoured.
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: reconnectWait, Multiplier: 2, Jitter: 0.2, MaxDelay: time.Second,
			},
			MinConnectTimeout: DefaultDeadline,
		}),
		// A stream to a server that vanished ends after both.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: probeAfter, Timeout: probeLimit}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(MaxMessageBytes),
			grpc.MaxCallSendMsgSize(MaxMessageBytes),
		),
	}
	if s.token != nil {
		options = append(options, grpc.WithPerRPCCredentials(bearer(s.token)))
	}
	connection, err := grpc.NewClient("dns:///"+e.address, append(options, s.dial...)...)
	if err != nil {
		return nil, fmt.Errorf("%w: preparing the connection to %s; hint: check the dial options", err, e.typed)
	}
	return connection, nil
}
