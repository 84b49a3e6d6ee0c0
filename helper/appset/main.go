// gitopsmith-appset expands ApplicationSets as Argo CD does: by its own code, without a cluster and without a network.
//
// Each line of stdin is a request, a JSON document. It is answered on stdout by a line with the number of bytes that
// follow, and by that many bytes of JSON. The program ends when stdin does.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	log "github.com/sirupsen/logrus"
)

func main() {
	log.SetOutput(io.Discard) // what goes wrong is part of an answer
	requests, answers := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		request, err := requests.ReadBytes('\n')
		if len(request) > 0 {
			if err := reply(answers, answer(request)); err != nil {
				fail(err)
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fail(err)
		}
	}
}

func reply(answers *bufio.Writer, what expansion) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	fmt.Fprintln(answers, len(data))
	_, _ = answers.Write(data)
	return answers.Flush()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gitopsmith-appset:", err)
	os.Exit(1)
}
