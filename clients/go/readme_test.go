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

// block is what stands in one of the README's blocks of a language, counted from 1.
func block(t *testing.T, number int, language string) string {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for range number {
		_, after, found := strings.Cut(string(page), "\n```"+language+"\n")
		if !found {
			t.Fatalf("the README has no block %d of %s", number, language)
		}
		page = []byte(after)
	}
	inside, _, ended := strings.Cut(string(page), "\n```\n")
	if !ended {
		t.Fatalf("block %d of %s does not end", number, language)
	}
	return inside + "\n"
}

// built compiles a program and gives its path.
func built(t *testing.T, program string) string {
	t.Helper()
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	// Not `go run`, which ends with a code of its own.
	target := filepath.Join(t.TempDir(), "example")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", target, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return target
}

// runExample runs the README's program and gives what it prints.
func runExample(t *testing.T, endpoint string) (printed string, code int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), built(t, block(t, 1, "go")))
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
	if want := block(t, 1, "text"); printed != want || code != 1 {
		t.Errorf("it ended with %d and printed %q, and there stands %q", code, printed, want)
	}

	allowed := decision(v1.Effect_EFFECT_ALLOW)
	allowed.HostId = "laptop-17"
	server.decide = deciding(allowed)
	if printed, code := runExample(t, server.endpoint); printed != "go ahead: permit by ALLOW\n" || code != 0 {
		t.Errorf("it ended with %d and printed %q", code, printed)
	}
}

func TestTheReadmesLoopCompiles(t *testing.T) {
	built(t, `package main

import (
	"context"
	"iter"
	"log"

	embargo "github.com/embargo-dev/embargo/clients/go"
	"github.com/embargo-dev/embargo/clients/go/embargov1"
)

func main() {}

func judge(ctx context.Context, client *embargo.Client, hosts iter.Seq[*embargov1.StreamDecideHostsRequest], record func(string, *embargov1.Decision)) error {
`+block(t, 2, "go")+`
	return nil
}
`)
}
