"""Which versions of custom kinds the releases of their programs stopped to serve, read in the definitions of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from schemas.definitions import definitions

from gitopsmith.validate import crd


class Step(NamedTuple):
    """A release that serves less than one before: the program, both modules with their versions, where definitions are.

    ``group`` is the API group that is looked at; some programs carry the definitions of others.
    """

    program: str
    group: str
    before: tuple[str, str]
    after: tuple[str, str]
    files: tuple[str, ...] = ("config/crd/bases/*.yaml",)


_ESO = "github.com/external-secrets/external-secrets"
_FLUX = "github.com/fluxcd"
_VPA = "k8s.io/autoscaler/vertical-pod-autoscaler"
_CILIUM = "pkg/k8s/apis/cilium.io/client/crds/*/*.yaml"
STEPS = (
    Step("External Secrets Operator", "external-secrets.io", (_ESO, "v0.10.7"), (_ESO, "v0.16.2"),
         ("config/crds/bases/*.yaml",)),
    Step("External Secrets Operator", "external-secrets.io", (_ESO, "v0.16.2"), (_ESO, "v0.17.0"),
         ("config/crds/bases/*.yaml",)),
    Step("Traefik", "traefik.containo.us", ("github.com/traefik/traefik/v2", "v2.11.0"),
         ("github.com/traefik/traefik/v3", "v3.0.0"), ("docs/content/reference/dynamic-configuration/*.yaml",)),
    Step("cert-manager", "cert-manager.io", ("github.com/cert-manager/cert-manager", "v1.5.3"),
         ("github.com/cert-manager/cert-manager", "v1.6.0"), ("deploy/crds/*.yaml",)),
    Step("Flux source-controller", "source.toolkit.fluxcd.io", (f"{_FLUX}/source-controller", "v1.7.3"),
         (f"{_FLUX}/source-controller", "v1.8.0")),
    Step("Flux kustomize-controller", "kustomize.toolkit.fluxcd.io", (f"{_FLUX}/kustomize-controller", "v1.7.3"),
         (f"{_FLUX}/kustomize-controller", "v1.9.0")),
    Step("Gateway API", "gateway.networking.k8s.io", ("sigs.k8s.io/gateway-api", "v0.6.0"),
         ("sigs.k8s.io/gateway-api", "v1.1.0"), ("config/crd/experimental/*.yaml",)),
    Step("Gateway API", "gateway.networking.k8s.io", ("sigs.k8s.io/gateway-api", "v1.1.0"),
         ("sigs.k8s.io/gateway-api", "v1.2.1"), ("config/crd/experimental/*.yaml",)),
    Step("Karpenter", "karpenter.sh", ("sigs.k8s.io/karpenter", "v1.0.8"), ("sigs.k8s.io/karpenter", "v1.1.5"),
         ("pkg/apis/crds/*.yaml",)),
    Step("MetalLB", "metallb.io", ("go.universe.tf/metallb", "v0.13.5"), ("go.universe.tf/metallb", "v0.15.2")),
    Step("Cilium", "cilium.io", ("github.com/cilium/cilium", "v1.18.0"), ("github.com/cilium/cilium", "v1.19.0"),
         (_CILIUM,)),
    Step("Vertical Pod Autoscaler", "autoscaling.k8s.io", (_VPA, "v1.0.0"), (_VPA, "v1.8.1"),
         ("deploy/vpa-v1-crd-gen.yaml",)),
    Step("Grafana Operator", "integreatly.org", ("github.com/grafana-operator/grafana-operator/v4", "v4.10.1"),
         ("github.com/grafana/grafana-operator/v5", "v5.16.0")),
)  # fmt: skip


def table(folders: Mapping[tuple[str, str], Path]) -> str:
    """Writes a line for each kind and version that a release does not serve and one before it did.

    ``folders`` are those of the modules, by path and version. After the kind stand the release, and the versions of a
    kind of this name that it serves, the most stable first.
    """
    rows = {name: row for step in STEPS for name, row in _rows(step, folders)}
    head = "# kind, a release that does not serve it any more, versions of the kind that it serves (- for none)"
    return "\n".join([head, *("\t".join((name, *rows[name])) for name in sorted(rows)), ""])


def _rows(step: Step, folders: Mapping[tuple[str, str], Path]) -> Iterator[tuple[str, tuple[str, str]]]:
    before, after = (_served(folders[module], step.files) for module in (step.before, step.after))
    for name in before - after:
        api_version, _, kind = name.partition(" ")
        if api_version.rpartition("/")[0] == step.group:
            served = sorted((one.partition(" ")[0] for one in after if one.endswith(f" {kind}")), key=crd.stability)
            yield name, (f"{step.program} {step.after[1]}", ",".join(served) or "-")


def _served(folder: Path, files: tuple[str, ...]) -> set[str]:
    return {one.name for body in definitions(folder, files) for one in crd.served(body)}
