// How a client is set up: what may be set, and what contradicts itself.

package embargo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Version is the release of this client.
const Version = "0.1.0"

// MaxMessageBytes is the size of the largest message in either direction: 16 MiB.
const MaxMessageBytes = 16 << 20

// DefaultDeadline is how long a call may take with all its attempts unless another is set.
const DefaultDeadline = 10 * time.Second

// How long a connection with a call in flight may be silent before the peer is probed, and how long
// the probe may take.
const (
	probeAfter = 20 * time.Second
	probeLimit = 10 * time.Second
)

// Option sets up a [Client].
type Option func(*settings) error

// TokenSource gives the bearer token for a call. It is asked anew for each, so that a token may be
// rotated; it should keep what it has and must heed the context.
type TokenSource func(ctx context.Context) (string, error)

type settings struct {
	others       []string
	deadline     time.Duration
	retry        RetryPolicy
	tls          *tls.Config
	tlsGiven     bool
	token        TokenSource
	tokenInClear bool
	dial         []grpc.DialOption
}

func settled(options []Option) (*settings, error) {
	s := &settings{
		deadline: DefaultDeadline,
		retry:    DefaultRetryPolicy(),
		tls:      &tls.Config{MinVersion: tls.VersionTLS12},
	}
	for _, option := range options {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// WithServers adds servers of the same policies, which are asked when another is unavailable,
// overloaded or late. Each attempt of a call goes to the next.
func WithServers(endpoints ...string) Option {
	return func(s *settings) error {
		s.others = append(s.others, endpoints...)
		return nil
	}
}

// WithDeadline sets how long a call may take with all its attempts. A context that ends earlier
// ends the call earlier.
func WithDeadline(deadline time.Duration) Option {
	return func(s *settings) error {
		s.deadline = deadline
		return nil
	}
}

// WithRetry sets how often and after which pauses a call is made again.
func WithRetry(policy RetryPolicy) Option {
	return func(s *settings) error {
		s.retry = policy
		return nil
	}
}

// WithRootCAs trusts the authorities of these certificates, in PEM, instead of the system's.
func WithRootCAs(pem []byte) Option {
	return func(s *settings) error {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return errors.New("there is no certificate among the authorities; hint: give them in PEM")
		}
		s.tls.RootCAs = pool
		s.tlsGiven = true
		return nil
	}
}

// WithClientCertificate shows a certificate to servers that ask for one. Both in PEM.
func WithClientCertificate(certificatePEM, keyPEM []byte) Option {
	return func(s *settings) error {
		pair, err := tls.X509KeyPair(certificatePEM, keyPEM)
		if err != nil {
			// Its text may name what is in the key.
			return errors.New("the client certificate and its key do not fit; hint: give both in PEM, the certificate first")
		}
		s.tls.Certificates = []tls.Certificate{pair}
		s.tlsGiven = true
		return nil
	}
}

// WithTLSConfig sets all of TLS, such as a certificate that is rotated by GetClientCertificate.
// Options after it add to it.
func WithTLSConfig(config *tls.Config) Option {
	return func(s *settings) error {
		if config == nil {
			return errors.New("the TLS configuration is nil; hint: leave WithTLSConfig out for the system's authorities")
		}
		s.tls = config.Clone()
		s.tlsGiven = true
		return nil
	}
}

// WithToken sends a bearer token as `authorization` metadata with each call. Over plain text it is
// refused, except to this machine.
func WithToken(token string) Option {
	return WithTokenSource(func(context.Context) (string, error) { return token, nil })
}

// WithTokenSource is [WithToken] with a token that may change.
func WithTokenSource(source TokenSource) Option {
	return func(s *settings) error {
		if source == nil {
			return errors.New("the token source is nil; hint: leave WithTokenSource out for no token")
		}
		s.token = source
		return nil
	}
}

// WithTokenInClear lets a token go over plain text to another machine, where everybody on the way
// can read and use it.
func WithTokenInClear() Option {
	return func(s *settings) error {
		s.tokenInClear = true
		return nil
	}
}

// WithDialOptions hands options to gRPC, such as interceptors and handlers for measurements.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) error {
		s.dial = append(s.dial, options...)
		return nil
	}
}

// endpoints reads what was typed and refuses what would send secrets in clear or not at all.
func (s *settings) endpoints(first string) ([]endpoint, error) {
	var all []endpoint
	secure := false
	for _, typed := range append([]string{first}, s.others...) {
		read, err := parseEndpoint(typed)
		if err != nil {
			return nil, err
		}
		if s.token != nil && !read.secure && !read.loopback() && !s.tokenInClear {
			return nil, fmt.Errorf("the token would go over plain text: %s; hint: use https://, or WithTokenInClear if the way is safe", read.typed)
		}
		secure = secure || read.secure
		all = append(all, read)
	}
	if s.tlsGiven && !secure {
		return nil, fmt.Errorf("TLS is set up and no endpoint uses it: %s; hint: write https://", all[0].typed)
	}
	return all, nil
}

// bearer sends a token. Where it may go was checked when the client was made.
type bearer TokenSource

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b(ctx)
	if err != nil || token == "" {
		if note, is := ctx.Value(answerKey{}).(*answerNote); is {
			note.tokenless.Store(true)
		}
		// The source's words may hold secrets, and are the source's to log.
		return nil, status.Error(codes.Unauthenticated, "there is no token for the call"+hintMark+"check the source of tokens")
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }
