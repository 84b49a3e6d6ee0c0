package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	log "github.com/sirupsen/logrus"
)

// request asks what an ApplicationSet generates.
//
// Checkout is what its git generators read, whatever repository they name; left out, it is the one given before.
// Parameters are what its generators yield that ask a service; nil where nobody said so.
type request struct {
	ApplicationSet json.RawMessage  `json:"applicationSet"`
	Checkout       *checkout        `json:"checkout"`
	Clusters       []cluster        `json:"clusters"`
	Parameters     []map[string]any `json:"parameters"`
}

// expansion answers with one entry for each of the set's generators. Unreadable says why what was asked is no
// ApplicationSet, Error why Argo CD refuses it as a whole.
type expansion struct {
	Generators []generated `json:"generators"`
	Unreadable string      `json:"unreadable,omitempty"`
	Error      string      `json:"error,omitempty"`
}

// generated is what one generator gives: Applications, the reason why Argo CD refuses some or all of them, what cannot
// be known here, and the repositories that it looked into.
type generated struct {
	Applications []application `json:"applications"`
	Error        string        `json:"error,omitempty"`
	Unknown      []string      `json:"unknown,omitempty"`
	Repositories []repository  `json:"repositories,omitempty"`
}

// application is one generated Application with the parameters that it was made of, where these can be told.
type application struct {
	Body       *v1alpha1.Application `json:"body"`
	Parameters map[string]any        `json:"parameters,omitempty"`
}

var files checkout

// answer expands one ApplicationSet as Argo CD's API server does for `argocd appset generate`.
func answer(raw []byte) expansion {
	var asked request
	if err := json.Unmarshal(raw, &asked); err != nil {
		return expansion{Unreadable: err.Error()}
	}
	if asked.Checkout != nil {
		files = *asked.Checkout
	}
	var set v1alpha1.ApplicationSet
	if err := json.Unmarshal(asked.ApplicationSet, &set); err != nil {
		return expansion{Unreadable: err.Error()}
	}
	if set.Namespace == "" {
		set.Namespace = namespace
	}
	if err := utils.CheckInvalidGenerators(&set); err != nil {
		return expansion{Error: err.Error()}
	}
	all := expansion{Generators: []generated{}}
	for _, generator := range set.Spec.Generators {
		alone := set.DeepCopy()
		alone.Spec.Generators = []v1alpha1.ApplicationSetGenerator{generator}
		all.Generators = append(all.Generators, expand(alone, asked))
	}
	return all
}

// expand runs a set that has one generator.
func expand(set *v1alpha1.ApplicationSet, asked request) (result generated) {
	// A template option that does not exist is a panic; in Argo CD's controller too, which catches it.
	defer func() {
		if caught := recover(); caught != nil {
			result = generated{Applications: []application{}, Error: fmt.Sprint(caught)}
		}
	}()
	seen := &outside{files: files, parameters: asked.Parameters}
	defer seen.close()
	client := controlPlane(set, asked.Clusters)
	known := seen.generators(client, len(asked.Clusters) > 0)
	quiet := log.NewEntry(&log.Logger{Out: io.Discard, Level: log.PanicLevel})
	rendered := &remembering{}
	made, _, err := template.GenerateApplications(quiet, *set, known, rendered, client)
	result = generated{Applications: []application{}, Unknown: seen.unknown, Repositories: seen.repositories}
	if err != nil {
		result.Error = err.Error()
	}
	for index := range made {
		made[index].SetGroupVersionKind(v1alpha1.ApplicationSchemaGroupVersionKind)
		one := application{Body: &made[index]}
		if len(made) == len(rendered.parameters) {
			one.Parameters = rendered.parameters[index]
		}
		result.Applications = append(result.Applications, one)
	}
	// The cluster generator gives its clusters in any order.
	sort.SliceStable(result.Applications, func(i, j int) bool {
		return result.Applications[i].Body.Name < result.Applications[j].Body.Name
	})
	return result
}

// remembering keeps the parameters of each Application that it renders.
type remembering struct {
	utils.Render
	parameters []map[string]any
}

func (r *remembering) RenderTemplateParams(template *v1alpha1.Application, policy *v1alpha1.ApplicationSetSyncPolicy, parameters map[string]any, goTemplate bool, options []string) (*v1alpha1.Application, error) {
	made, err := r.Render.RenderTemplateParams(template, policy, parameters, goTemplate, options)
	if err == nil {
		r.parameters = append(r.parameters, parameters)
	}
	return made, err
}
