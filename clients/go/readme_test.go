// The README's example is a program: it is run as it stands, and prints what stands there.

package embargo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// block is what stands in the README's first block of a language.
func block(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "\n```"+language+"\n")
	inside, _, ended := strings.Cut(after, "\n```\n")
	if !found || !ended {
		t.Fatalf("the README has no block of %s", language)
	}
	return inside + "\n"
}

// runExample runs the README's program and gives what it prints.
func runExample(t *testing.T, endpoint string) (printed string, code int) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(program, []byte(block(t, "go")), 0o600); err != nil {
		t.Fatal(err)
	}
	// Not `go run`, which ends with a code of its own.
	built := filepath.Join(t.TempDir(), "example")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", built, program).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	command := exec.CommandContext(t.Context(), built)
	command.Env = append(os.Environ(), "EMBARGO_URL="+endpoint)
	said, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return string(said), command.ProcessState.ExitCode()
}

func TestTheReadmesExamplePrintsWhatStandsThere(t *testing.T) {
	denied := decision(v1.Effect_EFFECT_DENY)
	denied.HostId = "laptop-17"
	denied.Findings = []*v1.Finding{{InstrumentId: "example-ban"}}
	server := &fake{decide: deciding(denied)}
	printed, code := runExample(t, server.start(t).endpoint)
	if want := block(t, "text"); printed != want || code != 1 {
		t.Errorf("it ended with %d and printed %q, and there stands %q", code, printed, want)
	}

	allowed := decision(v1.Effect_EFFECT_ALLOW)
	allowed.HostId = "laptop-17"
	server.decide = deciding(allowed)
	if printed, code := runExample(t, server.endpoint); printed != "go ahead: permit by ALLOW\n" || code != 0 {
		t.Errorf("it ended with %d and printed %q", code, printed)
	}
}
