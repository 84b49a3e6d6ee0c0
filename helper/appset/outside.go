package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/services"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// namespace is where Argo CD lives.
const namespace = "argocd"

// emptyBlob is what git calls a file without content.
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// checkout is a repository as it lies on disk: its folder, and the files in it that git has or would get.
type checkout struct {
	Root  string   `json:"root"`
	Files []string `json:"files"`
}

// cluster is one that Argo CD knows, as its Secret says it.
type cluster struct {
	Name        string            `json:"name"`
	Server      string            `json:"server"`
	Project     string            `json:"project"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// repository is what a git generator looked into.
type repository struct {
	URL      string `json:"url"`
	Revision string `json:"revision"`
}

// outside stands for all that generators ask: repositories, services, plugins. It writes down what was asked.
type outside struct {
	files        checkout
	parameters   []map[string]any
	unknown      []string
	repositories []repository
	index        string
}

var _ services.Repos = (*outside)(nil)

// generators are Argo CD's own, nested as deep as in generators.GetGenerators, with those that would ask a service
// replaced by what was said about it.
func (o *outside) generators(control client.Client, clustersAreKnown bool) map[string]generators.Generator {
	terminal := map[string]generators.Generator{
		"List":     generators.NewListGenerator(),
		"Clusters": generators.NewClusterGenerator(control, namespace),
		"Git":      generators.NewGitGenerator(o, namespace),
		"SCMProvider": &sampled{
			generators.NewSCMProviderGenerator(nil, generators.SCMConfig{}), "scmProvider", o,
		},
		"ClusterDecisionResource": &sampled{
			generators.NewDuckTypeGenerator(context.Background(), nil, nil, namespace, nil), "clusterDecisionResource", o,
		},
		"PullRequest": &sampled{
			generators.NewPullRequestGenerator(nil, generators.SCMConfig{}), "pullRequest", o,
		},
		"Plugin": &sampled{generators.NewPluginGenerator(nil, namespace), "plugin", o},
		"Oci":    &sampled{generators.NewOciGenerator(o), "oci", o},
	}
	if !clustersAreKnown {
		terminal["Clusters"] = &sampled{terminal["Clusters"], "clusters", o}
	}
	return combined(terminal, combined(terminal, terminal))
}

// combined adds the generators that combine others.
func combined(terminal, inner map[string]generators.Generator) map[string]generators.Generator {
	all := maps.Clone(terminal)
	all["Matrix"] = generators.NewMatrixGenerator(inner)
	all["Merge"] = generators.NewMergeGenerator(inner)
	return all
}

// sampled is a generator that would ask a service: it yields the parameters that were given instead.
type sampled struct {
	generators.Generator
	name    string
	outside *outside
}

func (s *sampled) GenerateParams(*v1alpha1.ApplicationSetGenerator, *v1alpha1.ApplicationSet, client.Client) ([]map[string]any, error) {
	if s.outside.parameters == nil {
		return nil, s.outside.cannotKnow(s.name)
	}
	copied := make([]map[string]any, len(s.outside.parameters))
	for index, parameters := range s.outside.parameters {
		copied[index] = runtime.DeepCopyJSON(parameters)
	}
	return copied, nil
}

func (o *outside) cannotKnow(what string) error {
	if !slices.Contains(o.unknown, what) {
		o.unknown = append(o.unknown, what)
	}
	return errors.New("not known here: " + what)
}

func (o *outside) asked(url, revision string) {
	if seen := (repository{url, revision}); !slices.Contains(o.repositories, seen) {
		o.repositories = append(o.repositories, seen)
	}
}

// GetFiles has git match the pattern, as Argo CD does, against an index that holds the names of the checkout's files.
func (o *outside) GetFiles(ctx context.Context, url, revision, _, pattern string, _ bool, _ *v1alpha1.SourceIntegrity) (map[string][]byte, error) {
	o.asked(url, revision)
	names, err := o.matching(ctx, pattern)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(o.files.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	contents := map[string][]byte{}
	for _, name := range names {
		content, err := root.ReadFile(name)
		if err != nil {
			return nil, o.cannotKnow("content of " + name)
		}
		contents[name] = content
	}
	return contents, nil
}

func (o *outside) matching(ctx context.Context, pattern string) ([]string, error) {
	if pattern == "" {
		pattern = "." // as GetGitFiles of the repository server does
	}
	if err := o.makeIndex(); err != nil {
		return nil, o.cannotKnow("git: " + err.Error())
	}
	listing, err := git.NewClientExt("", o.index, git.NopCreds{}, false, false, "", "")
	if err != nil {
		return nil, err
	}
	return listing.LsFiles(ctx, pattern, false)
}

// makeIndex makes an empty repository whose index names the files; git does not look whether they are there.
func (o *outside) makeIndex() error {
	if o.index != "" {
		return nil
	}
	folder, err := os.MkdirTemp("", "gitopsmith-index-")
	if err != nil {
		return err
	}
	o.index = folder
	if output, err := exec.Command("git", "init", "-q", folder).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	var entries strings.Builder
	for _, name := range o.files.Files {
		entries.WriteString("100644 " + emptyBlob + "\t" + name + "\x00")
	}
	update := exec.Command("git", "-C", folder, "update-index", "-z", "--index-info")
	update.Stdin = strings.NewReader(entries.String())
	if output, err := update.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

func (o *outside) close() {
	if o.index != "" {
		_ = os.RemoveAll(o.index)
	}
}

// GetDirectories returns every folder that holds a file, in the order of a walk; hidden ones are left out, and what is
// below them.
func (o *outside) GetDirectories(_ context.Context, url, revision, _ string, _ bool, _ *v1alpha1.SourceIntegrity) ([]string, error) {
	o.asked(url, revision)
	found := map[string]bool{}
	for _, name := range o.files.Files {
		for end := strings.LastIndexByte(name, '/'); end > 0 && !found[name[:end]]; end = strings.LastIndexByte(name[:end], '/') {
			found[name[:end]] = true
		}
	}
	directories := slices.Collect(maps.Keys(found))
	directories = slices.DeleteFunc(directories, func(path string) bool {
		return strings.HasPrefix(path, ".") || strings.Contains(path, "/.")
	})
	slices.SortFunc(directories, func(a, b string) int {
		return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
	})
	return directories, nil
}

func (o *outside) GetOciFiles(context.Context, string, string, string, string, bool) (map[string][]byte, error) {
	return nil, o.cannotKnow("oci")
}

func (o *outside) GetOciDirectories(context.Context, string, string, string, bool) ([]string, error) {
	return nil, o.cannotKnow("oci")
}

// controlPlane holds what generators read of Argo CD's cluster: the Secrets of clusters, and the set's project.
func controlPlane(set *v1alpha1.ApplicationSet, clusters []cluster) client.Client {
	scheme := runtime.NewScheme()
	_ = corev1.AddToScheme(scheme)
	_ = v1alpha1.AddToScheme(scheme)
	var objects []client.Object
	if project := set.Spec.Template.Spec.Project; project != "" {
		objects = append(objects, &v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: project}})
	}
	for index, one := range clusters {
		objects = append(objects, one.secret(index))
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

func (c cluster) secret(index int) *corev1.Secret {
	labels := maps.Clone(c.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[common.LabelKeySecretType] = common.LabelValueSecretTypeCluster
	data := map[string][]byte{"name": []byte(c.Name), "server": []byte(c.Server)}
	if c.Project != "" {
		data["project"] = []byte(c.Project)
	}
	name := fmt.Sprintf("cluster-%d", index)
	metadata := metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels, Annotations: c.Annotations}
	return &corev1.Secret{ObjectMeta: metadata, Data: data}
}
