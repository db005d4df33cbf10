#!/usr/bin/env bash
# Checks the Go client: format, vet, staticcheck, tests with the README's example, generated code, and
# the conformance suite against the server that EMBARGO_TARGET names. Needs Go and the module proxy.
# Run it from anywhere:
#   embargo with --policies clients/conformance/policies -- clients/go/check.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# A source tree without its history builds, too.
export GOFLAGS="-buildvcs=false ${GOFLAGS:-}"

step='start'
tools=$(mktemp -d)
finish() {
    local status=$?
    rm -rf "$tools"
    if [ "$status" -ne 0 ]; then echo "clients/go: failed at: $step"; fi
}
trap finish EXIT

step='EMBARGO_TARGET'
if [ -z "${EMBARGO_TARGET:-}" ]; then
    echo 'EMBARGO_TARGET names no server; hint: embargo with --policies clients/conformance/policies -- clients/go/check.sh' >&2
    exit 1
fi

step='gofmt'
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
    echo "not formatted: $unformatted; hint: gofmt -w clients/go" >&2
    exit 1
fi

step='staticcheck: build'
(cd generate && go build -o "$tools/staticcheck" honnef.co/go/tools/cmd/staticcheck)

for module in . generate conformance; do
    step="go vet: $module"
    (cd "$module" && go vet ./...)
    step="staticcheck: $module"
    (cd "$module" && "$tools/staticcheck" ./...)
done

step='tests'
go test -count=1 .
(cd conformance && go test -count=1 .)

step='generated code'
(cd generate && go run . --check)

step='conformance'
(cd conformance && go run .)

echo 'clients/go: passed'
