// Command box is every program that a sandbox runs, in one file: the name under which it is called says which.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata"
)

// What can be called, and by which function; a name that Argo CD's environment variable gives wins for argocd.
var programs = map[string]func(){
	"etcd":                             etcd,
	"kube-apiserver":                   apiServer,
	"kube-controller-manager":          controllerManager,
	"kube-scheduler":                   scheduler,
	"kubectl":                          kubectl,
	"kwok":                             kwok,
	"helm":                             helm,
	"redis-server":                     redis,
	"certificates":                     certificates,
	"argocd":                           argocd,
	"argocd-application-controller":    argocdApplicationController,
	"argocd-applicationset-controller": argocdApplicationSetController,
	"argocd-git-ask-pass":              argocdGitAskPass,
	"argocd-repo-server":               argocdRepoServer,
	"argocd-server":                    argocdServer,
}

func main() {
	name := filepath.Base(os.Args[0])
	if name == "box" && len(os.Args) > 1 {
		name, os.Args = os.Args[1], os.Args[1:]
	}
	if other := os.Getenv("ARGOCD_BINARY_NAME"); other != "" && name == "argocd" {
		name = other
	}
	run, known := programs[name]
	if !known {
		names := make([]string, 0, len(programs))
		for program := range programs {
			names = append(names, program)
		}
		slices.Sort(names)
		fail(fmt.Errorf("box: %q is none of its programs: %s", name, strings.Join(names, ", ")))
	}
	run()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
