package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// request asks about an object. The schema of its kind, as in a definition, need only come with the first of them.
type request struct {
	Kind   string              `json:"kind"`
	Schema *v1.JSONSchemaProps `json:"schema"`
	Object map[string]any      `json:"object"`
}

// answer says what is wrong. Failed says why nothing can be told.
type answer struct {
	Problems []problem `json:"problems"`
	Failed   string    `json:"failed,omitempty"`
}

// problem is a rule that an object breaks. No value of the object is in its words.
type problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// kind is what the API server makes of a schema before it looks at an object.
type kind struct {
	schema *structuralschema.Structural
	rules  *cel.Validator
}

type kinds map[string]*kind

func (k kinds) answer(line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Failed: err.Error()}
	}
	if asked.Schema != nil {
		made, err := newKind(asked.Schema)
		if err != nil {
			return answer{Failed: err.Error()}
		}
		k[asked.Kind] = made
	}
	known, ok := k[asked.Kind]
	if !ok {
		return answer{Failed: fmt.Sprintf("no schema for %s", asked.Kind)}
	}
	return answer{Problems: known.problems(asked.Object)}
}

func newKind(schema *v1.JSONSchemaProps) (*kind, error) {
	var internal apiextensions.JSONSchemaProps
	if err := v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(schema, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	withoutValues(structural)
	return &kind{structural, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// withoutValues leaves the fixed message of each rule, or the rule itself: a computed one may repeat what is secret.
func withoutValues(schema *structuralschema.Structural) {
	visitor := structuralschema.Visitor{Structural: func(one *structuralschema.Structural) bool {
		for i := range one.XValidations {
			one.XValidations[i].MessageExpression = ""
		}
		return true
	}}
	visitor.Visit(schema)
}

// problems defaults an object and evaluates the rules on it, as for one that is made anew.
func (k *kind) problems(object map[string]any) []problem {
	found := []problem{}
	if k.rules == nil {
		return found
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, k.schema)
	defaulting.Default(object, k.schema)
	wrong, _ := k.rules.Validate(context.Background(), nil, k.schema, object, nil, celconfig.RuntimeCELCostBudget)
	for _, one := range wrong {
		if isAboutObject(one.Detail) {
			found = append(found, problem{one.Field, one.Detail})
		}
	}
	return found
}

// isAboutObject is false where a rule of the definition is wrong, or too dear: the object is none the worse for it.
func isAboutObject(detail string) bool {
	for _, words := range []string{"rule compile error", "rule compiler initialization error", "cost budget", "cost exceeds limit", "cost could not be calculated"} {
		if strings.Contains(detail, words) {
			return false
		}
	}
	return true
}
