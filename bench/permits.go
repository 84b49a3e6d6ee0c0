// Command permits tells what Argo CD itself answers to questions about projects. It takes a list of them as JSON from
// standard input, and writes the list of answers.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/glob"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type question struct {
	About      string                  `json:"about"`
	Spec       v1alpha1.AppProjectSpec `json:"spec"`
	Pattern    string                  `json:"pattern"`
	Value      string                  `json:"value"`
	Server     string                  `json:"server"`
	Name       string                  `json:"name"`
	Namespace  string                  `json:"namespace"`
	Group      string                  `json:"group"`
	Kind       string                  `json:"kind"`
	Namespaced bool                    `json:"namespaced"`
}

func answer(q question) any {
	project := v1alpha1.AppProject{Spec: q.Spec}
	switch q.About {
	case "url":
		return git.NormalizeGitURL(q.Value)
	case "glob":
		return glob.Match(q.Pattern, q.Value)
	case "glob with separators":
		return glob.Match(q.Pattern, q.Value, '/')
	case "source":
		return project.IsSourcePermitted(v1alpha1.ApplicationSource{RepoURL: q.Value})
	case "destination":
		permitted, err := project.IsDestinationPermitted(&v1alpha1.Cluster{Server: q.Server, Name: q.Name}, q.Namespace, nil)
		return permitted && err == nil
	case "kind":
		return project.IsGroupKindNamePermitted(schema.GroupKind{Group: q.Group, Kind: q.Kind}, q.Name, q.Namespaced)
	case "namespace":
		app := &v1alpha1.Application{ObjectMeta: metav1.ObjectMeta{Namespace: q.Namespace}}
		return project.IsAppNamespacePermitted(app, "argocd")
	}
	log.Fatalf("nobody knows about %q", q.About)
	return nil
}

func main() {
	log.SetFlags(0)
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		log.Fatal(err)
	}
	answers := make([]any, len(questions))
	for index, q := range questions {
		answers[index] = answer(q)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}
