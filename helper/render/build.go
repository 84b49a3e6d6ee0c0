package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/kustomize/v5/commands/build"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// stayOffline keeps builds from running git and from asking servers.
func stayOffline() {
	os.Unsetenv("PATH")
	http.DefaultTransport = refusal{}
}

type refusal struct{}

func (refusal) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial tcp: builds get nothing over the network")
}

// builder builds one directory after the other. Two of them in one process would share kustomize's OpenAPI schema.
type builder struct {
	used bool
}

// build does what `kustomize build directory` does with its default flags, for it is that command's own code. It
// returns what the program writes to its output, or the error that it complains of.
//
// kustomize keeps the schema that an `openapi:` field names for the whole process, and adds it to the one that is there
// already. Such a build gets the schema of a new process, and leaves none of its own behind.
func (b *builder) build(directory string) ([]byte, error) {
	output, err := run("--", directory)
	if openapi.GetSchemaVersion() != openapi.DefaultOpenAPI {
		openapi.ResetOpenAPI()
		if b.used {
			output, err = run("--", directory)
			openapi.ResetOpenAPI()
		}
	}
	b.used = true
	return output, err
}

func run(arguments ...string) ([]byte, error) {
	var output bytes.Buffer
	command := build.NewCmdBuild(filesys.MakeFsOnDisk(), build.MakeHelp("kustomize", "build"), &output)
	command.SetArgs(arguments)
	command.SilenceErrors = true
	err := command.Execute()
	return output.Bytes(), err
}

// complaint returns an error as the program writes it.
func complaint(err error) string {
	return "Error: " + strings.TrimRight(err.Error(), "\n") + "\n"
}
