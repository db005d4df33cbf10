// Whether an answer is what is wanted: a part of it, in proto-JSON.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	embargo "github.com/embargo-dev/embargo/clients/go"
)

// matches compares an answer with a part of it that is wanted, and with paths that it must lack.
func matches(answer proto.Message, want value, absent []string) error {
	if want != nil {
		got, err := asJSON(answer, true)
		if err != nil {
			return err
		}
		var wanted any
		if err := json.Unmarshal(want, &wanted); err != nil {
			return err
		}
		if err := part(wanted, got, "the answer"); err != nil {
			return err
		}
	}
	got, err := asJSON(answer, false)
	if err != nil {
		return err
	}
	for _, path := range absent {
		if there := at(got, strings.Split(path, ".")); there != nil {
			return fmt.Errorf("%s is there: %v", path, there)
		}
	}
	return nil
}

func asJSON(message proto.Message, withDefaults bool) (any, error) {
	written, err := protojson.MarshalOptions{EmitDefaultValues: withDefaults}.Marshal(message)
	if err != nil {
		return nil, err
	}
	var read any
	return read, json.Unmarshal(written, &read)
}

// part says where what is wanted is not a part of what came.
func part(want, got any, where string) error {
	switch want := want.(type) {
	case map[string]any:
		object, is := got.(map[string]any)
		if !is {
			return fmt.Errorf("%s is %v, wanted an object", where, got)
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			inner, has := object[key]
			if !has {
				return fmt.Errorf("%s has no %s", where, key)
			}
			if err := part(want[key], inner, where+"."+key); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, is := got.([]any)
		if !is || len(list) != len(want) {
			return fmt.Errorf("%s is %v, wanted %d items", where, got, len(want))
		}
		for position := range want {
			if err := part(want[position], list[position], fmt.Sprintf("%s[%d]", where, position)); err != nil {
				return err
			}
		}
		return nil
	}
	if want != got {
		return fmt.Errorf("%s is %v, wanted %v", where, got, want)
	}
	return nil
}

// at is what stands at a path, or nil.
func at(in any, path []string) any {
	for _, step := range path {
		switch holder := in.(type) {
		case map[string]any:
			in = holder[step]
		case []any:
			position, err := strconv.Atoi(step)
			if err != nil || position < 0 || position >= len(holder) {
				return nil
			}
			in = holder[position]
		default:
			return nil
		}
	}
	return in
}

// fails compares a failure with the one that is wanted.
func (w *wantedFail) fails(err error) error {
	var failure *embargo.CallError
	if !errors.As(err, &failure) {
		return fmt.Errorf("got %v, wanted the error %s", err, w.Code)
	}
	if code := embargo.CodeName(failure.Code); code != w.Code {
		return fmt.Errorf("the code is %s, wanted %s: %w", code, w.Code, err)
	}
	if w.Reason != nil && string(failure.Reason) != *w.Reason {
		return fmt.Errorf("the reason is %q, wanted %q: %w", failure.Reason, *w.Reason, err)
	}
	if w.Fields != nil {
		var fields []string
		for _, violation := range failure.Fields {
			fields = append(fields, violation.Field)
		}
		if !slices.Equal(fields, w.Fields) {
			return fmt.Errorf("the fields are %q, wanted %q: %w", fields, w.Fields, err)
		}
	}
	for key, wanted := range w.Metadata {
		if got, has := failure.Metadata[key]; !has || got != wanted {
			return fmt.Errorf("the metadata are %v, wanted %s: %s: %w", failure.Metadata, key, wanted, err)
		}
	}
	return nil
}
