// Generate writes the Go code of the API, embargov1, from proto/embargo/v1.
//
// It needs neither protoc nor buf: the files are compiled by protocompile, and the plugins, whose
// versions stand in go.mod, are fed what protoc would feed them. With --check nothing is written, and
// code that differs from what would be is an error.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	module = "github.com/embargo-dev/embargo/clients/go"
	// target is the package's folder below the module.
	target = "embargov1"
	// api is where the files of the API are below the folder of protos.
	api = "embargo/v1"
	// statusFile is the one import that well-known types do not cover.
	statusFile    = "google/rpc/status.proto"
	statusPackage = "google.golang.org/genproto/googleapis/rpc/status"
)

// plugins are the tools of go.mod that make the code.
var plugins = []string{"protoc-gen-go", "protoc-gen-go-grpc"}

func main() {
	protos := flag.String("protos", "../../../proto", "the folder of the API's files")
	client := flag.String("client", "..", "the folder of the client's module")
	check := flag.Bool("check", false, "write nothing, and fail if the code is not what would be written")
	flag.Parse()
	if err := run(context.Background(), *protos, *client, *check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, protos, client string, check bool) error {
	request, err := compiled(ctx, protos)
	if err != nil {
		return err
	}
	made := map[string][]byte{}
	for _, plugin := range plugins {
		if err := feed(ctx, plugin, request, made); err != nil {
			return err
		}
	}
	folder := filepath.Join(client, target)
	stale, err := differing(folder, made)
	if err != nil {
		return err
	}
	if check {
		if len(stale) > 0 {
			return fmt.Errorf("the code is not what the API makes: %s; hint: run `go run .` in clients/go/generate", strings.Join(stale, ", "))
		}
		return nil
	}
	return write(folder, made, stale)
}

// compiled is what protoc would hand to a plugin: the files of the API and all that they import,
// imports first.
func compiled(ctx context.Context, protos string) (*pluginpb.CodeGeneratorRequest, error) {
	found, err := fs.Glob(os.DirFS(protos), api+"/*.proto")
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no files of the API: %s; hint: name their folder with --protos", filepath.Join(protos, api))
	}
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			ImportPaths: []string{protos, filepath.Join(protos, "third_party")},
		}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(ctx, found...)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: correct the files of the API", err)
	}
	// protoc-gen-go names a package by file, and the files name none of a language.
	mapping := []string{"module=" + module, "M" + statusFile + "=" + statusPackage}
	for _, name := range found {
		mapping = append(mapping, "M"+name+"="+module+"/"+target)
	}
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: found,
		Parameter:      proto.String(strings.Join(mapping, ",")),
	}
	seen := map[string]bool{}
	for _, file := range files {
		request.ProtoFile = withImports(file, seen, request.ProtoFile)
	}
	return request, nil
}

func withImports(file protoreflect.FileDescriptor, seen map[string]bool, all []*descriptorpb.FileDescriptorProto) []*descriptorpb.FileDescriptorProto {
	if seen[file.Path()] {
		return all
	}
	seen[file.Path()] = true
	imports := file.Imports()
	for at := range imports.Len() {
		imported := imports.Get(at).FileDescriptor
		if result, is := imported.(linker.File); is {
			imported = result
		}
		all = withImports(imported, seen, all)
	}
	return append(all, protoutil.ProtoFromFileDescriptor(file))
}

// feed runs a plugin and takes in what it makes, by name below the package's folder.
func feed(ctx context.Context, plugin string, request *pluginpb.CodeGeneratorRequest, made map[string][]byte) error {
	input, err := proto.Marshal(request)
	if err != nil {
		return fmt.Errorf("%w: asking %s", err, plugin)
	}
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "go", "tool", plugin)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), &output, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%w: running %s; hint: run this in clients/go/generate, whose go.mod names the plugins", err, plugin)
	}
	response := new(pluginpb.CodeGeneratorResponse)
	if err := proto.Unmarshal(output.Bytes(), response); err != nil {
		return fmt.Errorf("%w: reading the answer of %s", err, plugin)
	}
	if response.Error != nil {
		return fmt.Errorf("%s: made by %s", response.GetError(), plugin)
	}
	for _, file := range response.GetFile() {
		if path.Dir(file.GetName()) != target {
			return fmt.Errorf("%s makes a file outside of %s: %s", plugin, target, file.GetName())
		}
		made[path.Base(file.GetName())] = []byte(file.GetContent())
	}
	return nil
}

// differing names the files of the folder that are missing, different, or no longer made.
func differing(folder string, made map[string][]byte) ([]string, error) {
	var stale []string
	for name, content := range made {
		kept, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !bytes.Equal(kept, content) {
			stale = append(stale, name)
		}
	}
	kept, err := fs.Glob(os.DirFS(folder), "*.pb.go")
	if err != nil {
		return nil, err
	}
	for _, name := range kept {
		if _, is := made[name]; !is {
			stale = append(stale, name)
		}
	}
	slices.Sort(stale)
	return stale, nil
}

func write(folder string, made map[string][]byte, stale []string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, name := range stale {
		file := filepath.Join(folder, name)
		content, is := made[name]
		var err error
		if is {
			err = os.WriteFile(file, content, 0o644)
		} else {
			err = os.Remove(file)
		}
		if err != nil {
			return err
		}
		fmt.Println("wrote", name)
	}
	return nil
}
