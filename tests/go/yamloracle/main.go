// Command yamloracle prints, as JSON lines, what Kubernetes reads in YAML files: it takes paths from standard input, one a
// line, and writes one {file, index, json | error} for each document, in the order of the text. Documents that hold nothing
// are left out, as Argo CD and kubectl do.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type line struct {
	File  string          `json:"file"`
	Index int             `json:"index"`
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

func main() {
	log.SetFlags(0)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		data, err := os.ReadFile(paths.Text())
		if err != nil {
			log.Fatal(err)
		}
		index := 0
		for _, found := range read(data) {
			if string(found.JSON) == "null" {
				continue
			}
			found.File, found.Index = paths.Text(), index
			if err := encoder.Encode(found); err != nil {
				log.Fatal(err)
			}
			index++
		}
	}
}

// read does what k8s.io/apimachinery's YAMLOrJSONDecoder does, but goes on after an error: text that begins with a brace is
// tried as a stream of JSON first, and everything else is cut into documents that are converted one by one.
func read(data []byte) []line {
	if kubeyaml.IsJSONBuffer(data) {
		if lines, err := readJSON(data); err == nil {
			return lines
		}
	}
	var lines []line
	documents := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			lines = append(lines, line{Error: err.Error()})
			continue
		}
		converted, err := yaml.YAMLToJSON(document)
		if err != nil {
			lines = append(lines, line{Error: err.Error()})
		} else {
			lines = append(lines, line{JSON: converted})
		}
	}
}

func readJSON(data []byte) ([]line, error) {
	var lines []line
	decoder := json.NewDecoder(bytes.NewReader(data))
	for {
		var value json.RawMessage
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return lines, nil
		} else if err != nil {
			return nil, err
		}
		lines = append(lines, line{JSON: value})
	}
}
