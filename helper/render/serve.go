package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// protocol is the version of what is spoken here.
const protocol = 1

// enough is how many bytes a process may hold before it makes room for a new one.
const enough = 400 << 20

// greeting is the first line that is written.
type greeting struct {
	Protocol  int    `json:"protocol"`
	Kustomize string `json:"kustomize"`
}

// request is a line that asks for a build.
type request struct {
	ID        int    `json:"id"`
	Directory string `json:"directory"`
}

// answer is the line before Size bytes: YAML, or a complaint where the build failed. After the Last this process ends.
type answer struct {
	ID     int  `json:"id"`
	Failed bool `json:"failed"`
	Size   int  `json:"size"`
	Last   bool `json:"last"`
}

// serve answers requests, in their order, until it is too big. What kustomize panics of ends the process, since nothing
// is known of its state then.
func serve(in io.Reader, out io.Writer) error {
	writer := bufio.NewWriterSize(out, 1<<16)
	lines := json.NewEncoder(writer)
	if err := errors.Join(lines.Encode(greeting{protocol, version()}), writer.Flush()); err != nil {
		return err
	}
	var b builder
	for asked := range requests(in) {
		output, err := b.build(asked.Directory)
		if err != nil {
			output = []byte(complaint(err))
		}
		given := answer{ID: asked.ID, Failed: err != nil, Size: len(output), Last: held() > enough}
		_ = lines.Encode(given)
		_, _ = writer.Write(output)
		if err := writer.Flush(); err != nil || given.Last { // it remembers what failed before
			return err
		}
	}
	return nil
}

// requests reads ahead, so that the process ends in the middle of a build when nobody is left to read its answer.
func requests(in io.Reader) <-chan request {
	all := make(chan request)
	go func() {
		decoder := json.NewDecoder(in)
		for {
			var one request
			switch err := decoder.Decode(&one); {
			case errors.Is(err, io.EOF):
				os.Exit(0)
			case err != nil:
				fmt.Fprintln(os.Stderr, "gitopsmith-render: this is no request:", err)
				os.Exit(2)
			}
			all <- one
		}
	}()
	return all
}

func held() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.Sys - memory.HeapReleased
}
