// The runner itself: it never skips, and what it compares it compares.

package main

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/embargo-dev/embargo/clients/go/embargov1"
)

// read reads cases and checks each.
func read(text string) error {
	cases, err := readCases(strings.NewReader(text))
	if err != nil {
		return err
	}
	for _, one := range cases {
		if err := one.check(); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatTheRunnerDoesNotKnowIsRefused(t *testing.T) {
	if err := read("cases: [{name: a, call: DecideHost, request: {}, want: {}}]"); err != nil {
		t.Fatal("otherwise the rest proves nothing:", err)
	}
	for name, text := range map[string]string{
		"a key of the file":    "cases: [{name: a, watch: true, want: {}}]\nmore: 1",
		"a key of a case":      "cases: [{name: a, watch: true, want: {}, skip: true}]",
		"a key of an error":    "cases: [{name: a, call: X, request: {}, error: {code: X, message: no}}]",
		"a second document":    "cases: [{name: a, watch: true, want: {}}]\n---\ncases: []",
		"no cases":             "cases: []",
		"no name":              "cases: [{watch: true, want: {}}]",
		"nothing to do":        "cases: [{name: a, want: {}}]",
		"two things to do":     "cases: [{name: a, watch: true, gate: {}, want: {}}]",
		"nothing wanted":       "cases: [{name: a, watch: true}]",
		"two things wanted":    "cases: [{name: a, call: X, request: {}, want: {}, error: {code: X}}]",
		"a call without asked": "cases: [{name: a, call: X, want: {}}]",
		"no code":              "cases: [{name: a, call: X, request: {}, error: {reason: X}}]",
		"a deadline of words":  "cases: [{name: a, call: X, request: {}, deadline: soon, want: {}}]",
	} {
		if err := read(text); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestACallThatTheRunnerDoesNotKnowFails(t *testing.T) {
	one := testCase{Name: "a", Call: "DecideEverything", Request: value("{}"), Want: value("{}")}
	if err := one.run(t.Context(), nil); err == nil {
		t.Error("it passes")
	}
}

func TestAnAnswerMatchesByItsParts(t *testing.T) {
	answer := &v1.DecideHostResponse{Decision: &v1.Decision{
		Effect: v1.Effect_EFFECT_DENY, Findings: []*v1.Finding{{InstrumentId: "a"}, {InstrumentId: "b"}},
		OmittedFindingCount: 2, EvaluateTime: &timestamppb.Timestamp{Seconds: 0},
	}}
	for _, want := range []string{
		`{}`,
		`{"decision": {"effect": "EFFECT_DENY"}}`,
		`{"decision": {"findings": [{"instrumentId": "a"}, {}], "omittedFindingCount": 2}}`,
		`{"decision": {"failures": [], "evaluateTime": "1970-01-01T00:00:00Z"}}`,
	} {
		if err := matches(answer, value(want), []string{"decision.failures", "decision.findings.0.waiver", "decision.findings.7"}); err != nil {
			t.Errorf("%s: %v", want, err)
		}
	}
	for _, want := range []string{
		`{"decision": {"effect": "EFFECT_ALLOW"}}`,
		`{"decision": {"findings": [{"instrumentId": "a"}]}}`,
		`{"decision": {"findings": [{"instrumentId": "b"}, {"instrumentId": "a"}]}}`,
		`{"decision": {"findings": [{"instrumentId": "a"}, {}, {}]}}`,
		`{"decision": {"nextChangeTime": "1970-01-01T00:00:00Z"}}`,
		`{"decision": {"unknown": 1}}`,
		`{"decision": []}`,
	} {
		if err := matches(answer, value(want), nil); err == nil {
			t.Errorf("%s matches", want)
		}
	}
	for _, there := range []string{"decision", "decision.effect", "decision.findings", "decision.findings.1", "decision.findings.0.instrumentId"} {
		if err := matches(answer, nil, []string{there}); err == nil {
			t.Errorf("%s is there", there)
		}
	}
}

func TestAnErrorThatIsWantedIsNoneWithoutOne(t *testing.T) {
	wanted := &wantedFail{Code: "INVALID_ARGUMENT"}
	if err := wanted.fails(nil); err == nil {
		t.Error("an answer passes for an error")
	}
}
