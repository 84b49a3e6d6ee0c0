package main

import (
	"errors"
	"os"

	applicationcontroller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	gitaskpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	apiserver "github.com/argoproj/argo-cd/v3/cmd/argocd-server/commands"
	client "github.com/argoproj/argo-cd/v3/cmd/argocd/commands"
	"github.com/argoproj/argo-cd/v3/util/grpc"
	logging "github.com/argoproj/argo-cd/v3/util/log"
	"github.com/spf13/cobra"
	helmcmd "helm.sh/helm/v4/pkg/cmd"
	helmkube "helm.sh/helm/v4/pkg/kube"
	"k8s.io/klog/v2"
)

func argocd() { argo(client.NewCommand()) }

func argocdApplicationController() { argo(applicationcontroller.NewCommand()) }

func argocdApplicationSetController() { argo(applicationset.NewCommand()) }

func argocdGitAskPass() { argo(gitaskpass.NewCommand()) }

func argocdRepoServer() { argo(reposerver.NewCommand()) }

func argocdServer() { argo(apiserver.NewCommand()) }

// argo does what the main function of Argo CD does around each of its commands.
func argo(command *cobra.Command) {
	klog.SetLogger(logging.NewLogrusLogger(logging.NewWithCurrentConfig()))
	grpc.DisableSRVLookups()
	if err := command.Execute(); err != nil {
		fail(err)
	}
}

func helm() {
	helmkube.ManagedFieldsManager = "helm"
	command, err := helmcmd.NewRootCmd(os.Stdout, os.Args[1:], helmcmd.SetupLogging)
	if err != nil {
		fail(err)
	}
	if err := command.Execute(); err != nil {
		var coded helmcmd.CommandError
		if errors.As(err, &coded) {
			os.Exit(coded.ExitCode)
		}
		os.Exit(1)
	}
}
