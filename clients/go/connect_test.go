// Connecting: endpoints, TLS with authorities and client certificates of its own, and tokens.

package embargo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	made := new(authority)
	made.certificate, made.key = issue(t, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	})
	made.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.certificate.Raw})
	return made
}

// pair is a certificate and its key in PEM, signed by the authority.
func (a *authority) pair(t *testing.T, usage x509.ExtKeyUsage) (certificate, key []byte) {
	t.Helper()
	made, secret := issue(t, a, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test"}, ExtKeyUsage: []x509.ExtKeyUsage{usage},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
	})
	encoded, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

func issue(t *testing.T, by *authority, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// secured starts a server that speaks TLS, and asks for a client certificate if `clients` is given.
func secured(t *testing.T, by, clients *authority) *fake {
	t.Helper()
	pair, err := tls.X509KeyPair(by.pair(t, x509.ExtKeyUsageServerAuth))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(clients.certificate)
	}
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	server.start(t, grpc.Creds(credentials.NewTLS(config)))
	server.endpoint = strings.Replace(server.endpoint, "http://", "https://", 1)
	return server
}

func TestAServerWithACertificateOfAnOwnAuthorityIsBelieved(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	server := secured(t, ours, nil)
	if _, err := server.client(t, WithRootCAs(ours.pem)).DecideHost(t.Context(), question()); err != nil {
		t.Error(err)
	}
	_, err := server.client(t, WithRootCAs(theirs.pem)).DecideHost(t.Context(), question())
	if failure := failureOf(t, err); failure.Kind != KindTransport || !strings.Contains(failure.Error(), "certificate") {
		t.Error(failure)
	}
	if server.called() != 1 {
		t.Error("a server was asked that is not believed")
	}
}

func TestAServerKnowsAClientByItsCertificate(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	server := secured(t, ours, ours)
	known := WithClientCertificate(ours.pair(t, x509.ExtKeyUsageClientAuth))
	if _, err := server.client(t, WithRootCAs(ours.pem), known).DecideHost(t.Context(), question()); err != nil {
		t.Error(err)
	}
	unknown := WithClientCertificate(others.pair(t, x509.ExtKeyUsageClientAuth))
	for _, options := range [][]Option{{WithRootCAs(ours.pem)}, {WithRootCAs(ours.pem), unknown}} {
		_, err := server.client(t, options...).DecideHost(t.Context(), question())
		if failure := failureOf(t, err); failure.Kind != KindTransport {
			t.Error(failure)
		}
	}
	if server.called() != 1 {
		t.Error("a client came in that is not known")
	}
}

func TestAPlainClientGetsNothingFromAServerOfTLS(t *testing.T) {
	server := secured(t, newAuthority(t), nil)
	plain := strings.Replace(server.endpoint, "https://", "http://", 1)
	_, err := clientOf(t, plain).DecideHost(t.Context(), question())
	if failure := failureOf(t, err); failure.Kind != KindTransport {
		t.Error(failure)
	}
}

func TestATokenGoesWithEveryCall(t *testing.T) {
	ours := newAuthority(t)
	server := secured(t, ours, nil)
	server.decide = script(fail(codes.Unavailable, "no"), answer(v1.Effect_EFFECT_ALLOW))
	number := 0
	rotated := WithTokenSource(func(context.Context) (string, error) {
		number++
		return fmt.Sprintf("secret-%d", number), nil
	})
	if _, err := server.client(t, WithRootCAs(ours.pem), rotated).DecideHost(t.Context(), question()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"Bearer secret-1", "Bearer secret-2"}; !slices.Equal(server.tokens, want) {
		t.Errorf("%q came", server.tokens)
	}
}

func TestATokenGoesInClearToThisMachineOnlyOrWhenThatIsAsked(t *testing.T) {
	token := WithToken("secret")
	for _, here := range []string{"http://127.0.0.1:1", "http://127.9.9.9:1", "http://[::1]:1", "http://localhost:1", "http://LOCALHOST:1", "https://embargo.example"} {
		if client, err := New(here, token); err != nil {
			t.Errorf("%s: %v", here, err)
		} else {
			client.Close()
		}
	}
	for _, away := range []string{"http://embargo.example:1", "http://10.0.0.1:1", "http://localhost.example:1", "http://[::2]:1", "http://0.0.0.0:1"} {
		if _, err := New(away, token); err == nil || !strings.Contains(err.Error(), "plain text") {
			t.Errorf("%s: %v", away, err)
		}
		if _, err := New("https://embargo.example", token, WithServers(away)); err == nil {
			t.Errorf("%s is accepted as another server", away)
		}
		client, err := New(away, token, WithTokenInClear())
		if err != nil {
			t.Errorf("%s: %v", away, err)
			continue
		}
		client.Close()
	}
}

func TestWithoutItsTokenACallIsNotMade(t *testing.T) {
	server := &fake{decide: script(answer(v1.Effect_EFFECT_ALLOW))}
	server.start(t)
	for name, source := range map[string]TokenSource{
		"empty":   func(context.Context) (string, error) { return "", nil },
		"failing": func(context.Context) (string, error) { return "", errors.New("the vault says hunter2") },
	} {
		_, err := server.client(t, WithTokenSource(source)).DecideHost(t.Context(), question())
		failure := failureOf(t, err)
		if failure.Kind != KindRefusedHere || failure.Code != codes.Unauthenticated || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, failure)
		}
	}
	if server.called() != 0 {
		t.Error("a call was made")
	}
}

func TestNothingThatIsPrintedHoldsATokenOrKey(t *testing.T) {
	client, err := New("http://127.0.0.1:1", WithToken("hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if printed := fmt.Sprintf("%v %+v %#v", client, *client, *client.servers.all[0]); strings.Contains(printed, "hunter2") {
		t.Error(printed)
	}
	ours := newAuthority(t)
	certificate, _ := ours.pair(t, x509.ExtKeyUsageClientAuth)
	_, err = New("https://127.0.0.1:1", WithClientCertificate(certificate, []byte("hunter2")))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestWhatIsNoEndpointIsRefusedWithARemedy(t *testing.T) {
	for _, typed := range []string{"", "127.0.0.1:8181", "localhost", "ftp://a:1", "http://", "http://a:1/path", "http://a:1?x=1", "unix:///run/embargo.sock", "http://a:b", "http://user:hunter2@a:1"} {
		client, err := New(typed)
		if err == nil {
			client.Close()
			t.Errorf("%q is accepted", typed)
			continue
		}
		if !strings.Contains(err.Error(), "; hint: ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestOptionsThatContradictThemselvesAreRefused(t *testing.T) {
	for name, option := range map[string]Option{
		"TLS to a plain endpoint": WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}),
		"no authority":            WithRootCAs([]byte("no certificate")),
		"no configuration":        WithTLSConfig(nil),
		"no source":               WithTokenSource(nil),
	} {
		if client, err := New("http://127.0.0.1:1", option); err == nil {
			client.Close()
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestConnectingSaysThatNobodyListens(t *testing.T) {
	_, err := Connect(t.Context(), vacant(t))
	if failure := failureOf(t, err); failure.Kind != KindTransport || !strings.Contains(err.Error(), "connection refused") {
		t.Error(failure)
	}
}

func TestConnectingEndsAtTheDeadlineWhereNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, err = Connect(t.Context(), "http://"+listener.Addr().String(), WithDeadline(short))
	if failure := failureOf(t, err); failure.Kind != KindDeadline {
		t.Error(failure)
	}
}

func TestServingIsAnExplicitYesAlone(t *testing.T) {
	server := new(fake).start(t)
	client, err := Connect(t.Context(), server.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if serving, err := client.Serving(t.Context(), WholeServer); !serving || err != nil {
		t.Error(serving, err)
	}
	if serving, err := client.Serving(t.Context(), DecisionPart); serving || failureOf(t, err).Code != codes.NotFound {
		t.Error(serving, err)
	}
	server.health.Shutdown()
	if serving, err := client.Serving(t.Context(), WholeServer); serving || err != nil {
		t.Error(serving, err)
	}
}
