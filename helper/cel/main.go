// gitopsmith-cel tells which rules of its CustomResourceDefinition an object breaks: by Kubernetes' own code, without a
// cluster.
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
)

func main() {
	requests, answers := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	known := kinds{}
	for {
		line, err := requests.ReadBytes('\n')
		if len(line) > 0 {
			if err := reply(answers, known.answer(line)); err != nil {
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

func reply(answers *bufio.Writer, what answer) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	fmt.Fprintln(answers, len(data))
	_, _ = answers.Write(data)
	return answers.Flush()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gitopsmith-cel:", err)
	os.Exit(1)
}
