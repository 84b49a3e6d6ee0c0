# Builds the Go programs that tests and benchmarks run into .tools/bin; the Makefile includes this, `make tools` is the door.
# Go comes with the wheel that requirements/build.txt pins, else from PATH. kustomize wants 1.27: without that nothing is
# built, and the tests that need these programs skip, saying so. A program is built again when its versions or source change.

TOOLS := .tools/bin
GO ?= $(shell ls $(CURDIR)/.venv/lib/python3*/site-packages/go/bin/go 2>/dev/null || command -v go)
GO_ENV := GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
GO_TESTS := $(patsubst tests/go/%/main.go,$(TOOLS)/%,$(wildcard tests/go/*/main.go))
GO_FITS = $(and $(GO),$(shell $(GO_ENV) $(GO) -C requirements/go/kustomize list -m 2>/dev/null))
# Built aside and moved, so that a program in use is never half written.
GO_BUILD = @mkdir -p $(@D) && echo "building $@" && \
	$(GO_ENV) $(GO) -C $(1) build -trimpath -o $(abspath $@).new $(2) && mv $@.new $@

# Argo CD's own manifests: what a generated repository installs, for its newest minor version and the one before.
ARGO_CD := $(patsubst %,.tools/argo-cd/%/install.yaml,3.6.1 3.5.7)

.PHONY: tools
tools:
	@$(if $(GO_FITS),$(MAKE) -s --no-print-directory $(TOOLS)/kustomize $(TOOLS)/kubeconform $(TOOLS)/actionlint $(TOOLS)/promtool $(TOOLS)/kubeseal $(TOOLS)/sealed-secrets-controller $(TOOLS)/gitopsmith-appset $(TOOLS)/gitopsmith-render $(TOOLS)/gitopsmith-cel $(GO_TESTS) $(ARGO_CD),\
	echo "no Go 1.27 or newer here: the tests that need kustomize, kubeconform, actionlint, promtool, kubeseal, the controller of sealed-secrets, gitopsmith-appset, gitopsmith-render, gitopsmith-cel or a Go witness will skip")

$(TOOLS)/kustomize: requirements/go/kustomize/go.mod requirements/go/kustomize/go.sum
	$(call GO_BUILD,$(<D),sigs.k8s.io/kustomize/kustomize/v5)

$(TOOLS)/kubeconform: requirements/go/kubeconform/go.mod requirements/go/kubeconform/go.sum
	$(call GO_BUILD,$(<D),github.com/yannh/kubeconform/cmd/kubeconform)

$(TOOLS)/actionlint: requirements/go/actionlint/go.mod requirements/go/actionlint/go.sum
	$(call GO_BUILD,$(<D),github.com/rhysd/actionlint/cmd/actionlint)

# Without service discovery, which no rule needs and which is most of it: three and a half minutes of processor instead of many.
$(TOOLS)/promtool: requirements/go/promtool/go.mod requirements/go/promtool/go.sum
	$(call GO_BUILD,$(<D),-tags remove_all_sd github.com/prometheus/prometheus/cmd/promtool)

$(TOOLS)/kubeseal: requirements/go/kubeseal/go.mod requirements/go/kubeseal/go.sum
	$(call GO_BUILD,$(<D),github.com/bitnami-labs/sealed-secrets/cmd/kubeseal)

# What it says of its version comes from the linker, so that the version is that of its module.
$(TOOLS)/sealed-secrets-controller: requirements/go/kubeseal/go.mod requirements/go/kubeseal/go.sum
	$(call GO_BUILD,$(<D),-ldflags "-X main.VERSION=$$($(GO_ENV) $(GO) -C $(<D) list -m -f '{{.Version}}' github.com/bitnami-labs/sealed-secrets)" github.com/bitnami-labs/sealed-secrets/cmd/controller)

# Argo CD's generators, with all that they import: minutes of processor, unless the sandbox was built before.
$(TOOLS)/gitopsmith-appset: $(wildcard helper/appset/*)
	$(call GO_BUILD,helper/appset,-ldflags "-s -w" .)

$(TOOLS)/gitopsmith-render: $(wildcard helper/render/*)
	$(call GO_BUILD,helper/render,.)

# Kubernetes' evaluation of rules in CEL: two minutes of processor.
$(TOOLS)/gitopsmith-cel: $(wildcard helper/cel/*)
	$(call GO_BUILD,helper/cel,-ldflags "-s -w" .)

$(GO_TESTS): $(TOOLS)/%: tests/go/%/main.go tests/go/go.mod tests/go/go.sum
	$(call GO_BUILD,tests/go,./$*)

$(ARGO_CD): .tools/argo-cd/%/install.yaml:
	@mkdir -p $(@D) && echo "fetching $@"
	@module=$$($(GO_ENV) GOFLAGS= $(GO) mod download -json github.com/argoproj/argo-cd/v3@v$* | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') && \
		cp "$$module/manifests/install.yaml" $@.new && chmod u+w $@.new && mv $@.new $@
