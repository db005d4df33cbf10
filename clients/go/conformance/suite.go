// Reading the suite: every key is known, every case is of one kind, and no two have one name.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// testCase is one case of the suite. Exactly one of Call, Stream, Watch, Gate and Cache says what is
// done.
type testCase struct {
	Name     string      `yaml:"name"`
	Call     string      `yaml:"call"`
	Request  value       `yaml:"request"`
	Deadline string      `yaml:"deadline"`
	Stream   []value     `yaml:"stream"`
	Watch    bool        `yaml:"watch"`
	Gate     value       `yaml:"gate"`
	Cache    value       `yaml:"cache"`
	Want     value       `yaml:"want"`
	Absent   []string    `yaml:"absent"`
	Error    *wantedFail `yaml:"error"`

	file     string
	deadline *time.Duration
}

// wantedFail is a failure that is wanted.
type wantedFail struct {
	Code     string            `yaml:"code"`
	Reason   *string           `yaml:"reason"`
	Fields   []string          `yaml:"fields"`
	Metadata map[string]string `yaml:"metadata"`
}

// value is a part of a case in JSON: a message, or what is wanted of one. Nil if the key is absent.
type value json.RawMessage

func (v *value) UnmarshalYAML(node *yaml.Node) error {
	var read any
	if err := node.Decode(&read); err != nil {
		return err
	}
	written, err := json.Marshal(plain(read))
	if err != nil {
		return fmt.Errorf("%w: line %d", err, node.Line)
	}
	*v = value(written)
	return nil
}

// plain undoes what YAML makes of a text that looks like an instant.
func plain(read any) any {
	switch read := read.(type) {
	case map[string]any:
		for key, inner := range read {
			read[key] = plain(inner)
		}
	case []any:
		for at, inner := range read {
			read[at] = plain(inner)
		}
	case time.Time:
		return read.UTC().Format(time.RFC3339Nano)
	}
	return read
}

// readSuite reads all cases of a folder, by file and in their order.
func readSuite(folder string) ([]*testCase, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []*testCase
	named := map[string]string{}
	for _, file := range files {
		cases, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, file)
		}
		for _, one := range cases {
			if other, is := named[one.Name]; is {
				return nil, fmt.Errorf("the name %q stands twice: %s and %s", one.Name, other, file)
			}
			named[one.Name] = file
			one.file = filepath.Base(file)
			if err := one.check(); err != nil {
				return nil, fmt.Errorf("%w: %s in %s", err, one.Name, file)
			}
		}
		all = append(all, cases...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no cases: %s; hint: name their folder by EMBARGO_CONFORMANCE", folder)
	}
	return all, nil
}

func readFile(file string) ([]*testCase, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return readCases(opened)
}

func readCases(from io.Reader) ([]*testCase, error) {
	decoder := yaml.NewDecoder(from)
	decoder.KnownFields(true)
	var document struct {
		Cases []*testCase `yaml:"cases"`
	}
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	if len(document.Cases) == 0 {
		return nil, errors.New("no cases")
	}
	return document.Cases, nil
}

// check refuses a case that would hold whatever the client did.
func (c *testCase) check() error {
	kinds := 0
	for _, is := range []bool{c.Call != "", c.Stream != nil, c.Watch, c.Gate != nil, c.Cache != nil} {
		if is {
			kinds++
		}
	}
	switch {
	case c.Name == "":
		return errors.New("a case without a name")
	case kinds != 1:
		return errors.New("a case is one of call, stream, watch, gate and cache")
	case (c.Call != "") != (c.Request != nil):
		return errors.New("a call has a request, and nothing else has")
	case (c.Want == nil && c.Absent == nil) == (c.Error == nil):
		return errors.New("a case wants either an answer or an error")
	case c.Error != nil && c.Error.Code == "":
		return errors.New("a wanted error has a code")
	case c.Error != nil && c.Call == "":
		return errors.New("only a call ends with an error")
	case c.Absent != nil && c.Call == "" && !c.Watch:
		return errors.New("only an answer lacks parts")
	case c.Deadline != "" && c.Call == "":
		return errors.New("only a call has a deadline")
	}
	if c.Deadline != "" {
		deadline, err := time.ParseDuration(c.Deadline)
		if err != nil {
			return err
		}
		c.deadline = &deadline
	}
	return nil
}
