// Command witness prints, as JSON lines, every path that kustomize asks the file system for while it builds a directory. It
// takes directories from standard input, one a line, and writes one {directory, ok, error, touched} for each, where touched
// maps absolute paths to "file", "directory" or "missing". The build is kustomize's own, with its default load restrictor.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type line struct {
	Directory string            `json:"directory"`
	OK        bool              `json:"ok"`
	Error     string            `json:"error,omitempty"`
	Touched   map[string]string `json:"touched"`
}

func main() {
	log.SetOutput(os.Stderr)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	directories := bufio.NewScanner(os.Stdin)
	for directories.Scan() {
		if err := encoder.Encode(build(directories.Text())); err != nil {
			log.Fatal(err)
		}
	}
}

func build(directory string) line {
	recorder := recorder{filesys.MakeFsOnDisk(), map[string]string{}}
	result := line{Directory: directory, OK: true, Touched: recorder.touched}
	if _, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(recorder, directory); err != nil {
		result.OK, result.Error = false, err.Error()
	}
	return result
}

// recorder is the file system on disk, with a memory of what it was asked for. Methods that kustomize does not use while it
// builds are those of the embedded file system.
type recorder struct {
	filesys.FileSystem
	touched map[string]string
}

func (r recorder) record(path string) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		log.Fatal(err)
	}
	if info, err := os.Stat(absolute); err != nil {
		r.touched[absolute] = "missing"
	} else if info.IsDir() {
		r.touched[absolute] = "directory"
	} else {
		r.touched[absolute] = "file"
	}
}

func (r recorder) Open(path string) (filesys.File, error) {
	r.record(path)
	return r.FileSystem.Open(path)
}

func (r recorder) IsDir(path string) bool {
	r.record(path)
	return r.FileSystem.IsDir(path)
}

func (r recorder) ReadDir(path string) ([]string, error) {
	r.record(path)
	return r.FileSystem.ReadDir(path)
}

func (r recorder) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	r.record(path)
	directory, file, err := r.FileSystem.CleanedAbs(path)
	if err == nil {
		r.record(directory.Join(file))
	}
	return directory, file, err
}

func (r recorder) Exists(path string) bool {
	r.record(path)
	return r.FileSystem.Exists(path)
}

func (r recorder) Glob(pattern string) ([]string, error) {
	found, err := r.FileSystem.Glob(pattern)
	r.record(filepath.Dir(pattern))
	for _, path := range found {
		r.record(path)
	}
	return found, err
}

func (r recorder) ReadFile(path string) ([]byte, error) {
	r.record(path)
	return r.FileSystem.ReadFile(path)
}

func (r recorder) Walk(path string, visit filepath.WalkFunc) error {
	return r.FileSystem.Walk(path, func(found string, info os.FileInfo, err error) error {
		r.record(found)
		return visit(found, info, err)
	})
}
