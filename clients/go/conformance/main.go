// Conformance runs the suite of all clients, clients/conformance, through the Go client.
//
// It asks the server that EMBARGO_TARGET names, HOST:PORT in plain text, and takes the cases from
// ../../conformance or from EMBARGO_CONFORMANCE. No case is ever skipped: one that it cannot read or
// has no call for has failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	embargo "github.com/embargo-dev/embargo/clients/go"
)

// caseLimit ends a case that does not come back.
const caseLimit = time.Minute

func main() {
	passed, failures := run(context.Background())
	for _, failure := range failures {
		fmt.Fprintln(os.Stderr, "failed:", failure)
	}
	if len(failures) > 0 {
		fmt.Printf("conformance: %d passed, %d failed\n", passed, len(failures))
		os.Exit(1)
	}
	fmt.Printf("conformance: %d passed\n", passed)
}

func run(ctx context.Context) (passed int, failures []error) {
	target := os.Getenv("EMBARGO_TARGET")
	if target == "" {
		return 0, []error{errors.New("EMBARGO_TARGET names no server; hint: run this by " +
			"`embargo with --policies clients/conformance/policies -- clients/go/check.sh`")}
	}
	folder, err := suiteFolder()
	if err != nil {
		return 0, []error{err}
	}
	cases, err := readSuite(folder)
	if err != nil {
		return 0, []error{err}
	}
	client, err := embargo.Connect(ctx, "http://"+target)
	if err != nil {
		return 0, []error{err}
	}
	defer client.Close()
	for _, one := range cases {
		limited, cancel := context.WithTimeout(ctx, caseLimit)
		err := one.run(limited, client)
		cancel()
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %s in %s", err, one.Name, one.file))
		} else {
			passed++
		}
	}
	return passed, failures
}

// suiteFolder is where the cases are.
func suiteFolder() (string, error) {
	if folder := os.Getenv("EMBARGO_CONFORMANCE"); folder != "" {
		return folder, nil
	}
	_, here, _, known := runtime.Caller(0)
	if !known || !filepath.IsAbs(here) {
		return "", errors.New("the place of this program's source is not known; hint: name the folder of the cases by EMBARGO_CONFORMANCE")
	}
	return filepath.Join(filepath.Dir(here), "..", "..", "conformance"), nil
}
