"""Writes everything under ``schemas/`` anew from the pinned sources named here; run it after changing a version.

    python schemas/refresh.py            # needs pip and go, and the package registries that they are set up with
    python schemas/refresh.py --check    # changes nothing, fails when something would change

Sources are fetched with ``pip download`` and ``go mod download``, which check what they fetch; the hashes that they saw
are written to SOURCES.md. The output depends on the sources alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from schemas import retired, scopes, versions
from schemas.definitions import definitions

from gitopsmith.validate import crd, vendored
from gitopsmith.validate.ruled import slim

HERE = Path(__file__).parent
WHEEL = "kubernetes-validate==1.37.0"
FOLDER = "kubernetes_validate/kubernetes-json-schema/"
SHARED = 120
"""Characters from which a schema that stands in several places is written once."""


class Module(NamedTuple):
    """A Go module, and the files in it that hold CustomResourceDefinitions; the first that defines a kind wins."""

    name: str
    path: str
    version: str
    files: tuple[str, ...]
    license: str = "Apache-2.0"


MODULES = (
    Module("Argo CD", "github.com/argoproj/argo-cd/v3", "v3.6.1", ("manifests/crds/*-crd.yaml",)),
    Module("Argo Rollouts", "github.com/argoproj/argo-rollouts", "v1.10.2", ("manifests/crds/*-crd.yaml",)),
    Module("Argo Workflows", "github.com/argoproj/argo-workflows/v3", "v3.7.3", ("manifests/base/crds/full/*.yaml",)),
    Module("Sealed Secrets", "github.com/bitnami-labs/sealed-secrets", "v0.40.0", ("helm/sealed-secrets/crds/*.yaml",)),
    Module(
        "External Secrets Operator", "github.com/external-secrets/external-secrets", "v1.3.2",
        ("config/crds/bases/*.yaml",),
    ),
    Module(
        "External Secrets Operator, last release with v1beta1", "github.com/external-secrets/external-secrets",
        "v0.16.2", ("config/crds/bases/*.yaml",),
    ),
    Module(
        "External Secrets Operator, last releases with v1alpha1", "github.com/external-secrets/external-secrets",
        "v0.10.7", ("config/crds/bases/*.yaml",),
    ),
    Module(
        "Prometheus Operator", "github.com/prometheus-operator/prometheus-operator", "v0.85.0",
        ("example/prometheus-operator-crd-full/*.yaml",),
    ),
    Module("Operator Lifecycle Manager", "github.com/operator-framework/api", "v0.42.0", ("crds/*.yaml",)),
    Module(
        "OpenShift", "github.com/openshift/api", "v0.0.0-20260813212709-d4bb0b443cb8",
        ("*/v*/zz_generated.crd-manifests/*CustomNoUpgrade.crd.yaml", "*/v*/zz_generated.crd-manifests/*.crd.yaml"),
    ),
    Module("cert-manager", "github.com/cert-manager/cert-manager", "v1.21.2", ("deploy/crds/*.yaml",)),
    Module("Kyverno", "github.com/kyverno/kyverno", "v1.19.1", ("config/crds/*/*.yaml",)),
    Module("Kueue", "sigs.k8s.io/kueue", "v0.17.0", ("config/components/crd/bases/*.yaml",)),
    Module("Tekton Pipelines", "github.com/tektoncd/pipeline", "v1.6.0", ("config/300-crds/*.yaml",)),
    Module("Tekton Triggers", "github.com/tektoncd/triggers", "v0.34.0", ("config/300-*.yaml",)),
    Module("CloudNativePG", "github.com/cloudnative-pg/cloudnative-pg", "v1.27.0", ("config/crd/bases/*.yaml",)),
    Module(
        "Traefik", "github.com/traefik/traefik/v3", "v3.7.13",
        ("docs/content/reference/dynamic-configuration/traefik.io_*.yaml",), "MIT",
    ),
    Module("Gateway API", "sigs.k8s.io/gateway-api", "v1.7.0", ("config/crd/experimental/gateway.*.yaml",)),
    Module("KEDA", "github.com/kedacore/keda/v2", "v2.21.0", ("config/crd/bases/*.yaml",)),
    Module("Velero", "github.com/vmware-tanzu/velero", "v1.18.3", ("config/crd/*/bases/*.yaml",)),
    Module(
        "Volume snapshots", "github.com/kubernetes-csi/external-snapshotter/client/v8", "v8.7.0",
        ("config/crd/*.yaml",),
    ),
    Module(
        "Vertical Pod Autoscaler", "k8s.io/autoscaler/vertical-pod-autoscaler", "v1.8.1",
        ("deploy/vpa-v1-crd-gen.yaml",),
    ),
    Module(
        "Open Cluster Management", "open-cluster-management.io/api", "v1.1.0",
        ("cluster/*/*.crd.yaml", "work/*/*.crd.yaml", "operator/*/*.crd.yaml", "addon/*/*.crd.yaml"),
    ),
    Module("Contour", "github.com/projectcontour/contour", "v1.33.8", ("examples/contour/01-crds.yaml",)),
    Module("Istio", "istio.io/api", "v1.31.4", ("kubernetes/customresourcedefinitions.gen.yaml",)),
    Module("MetalLB", "go.universe.tf/metallb", "v0.16.2", ("config/crd/bases/*.yaml",)),
    Module("Argo Events", "github.com/argoproj/argo-events", "v1.9.7", ("manifests/base/crds/argoproj.io_*.yaml",)),
    Module(
        "Argo CD Image Updater", "github.com/argoproj-labs/argocd-image-updater", "v1.0.0", ("config/crd/bases/*.yaml",)
    ),
    Module(
        "Argo CD Operator", "github.com/argoproj-labs/argocd-operator", "v0.15.0",
        ("config/crd/bases/argoproj.io_argocd*.yaml", "config/crd/bases/argoproj.io_notifications*.yaml"),
    ),
    Module("Grafana Operator", "github.com/grafana/grafana-operator/v5", "v5.16.0", ("config/crd/bases/*.yaml",)),
    Module(
        "Grafana Operator 4", "github.com/grafana-operator/grafana-operator/v4", "v4.10.1",
        ("config/crd/bases/*.yaml",),
    ),
    Module(
        "Observability Operator", "github.com/rhobs/observability-operator", "v1.2.0",
        ("bundle/manifests/monitoring.rhobs_*.yaml", "bundle/manifests/observability.openshift.io_*.yaml"),
    ),
    Module("Tekton Operator", "github.com/tektoncd/operator", "v0.77.0", ("config/base/300-*.yaml",)),
    Module("Flux sources", "github.com/fluxcd/source-controller", "v1.7.3", ("config/crd/bases/*.yaml",)),
    Module("Flux Kustomizations", "github.com/fluxcd/kustomize-controller", "v1.7.2", ("config/crd/bases/*.yaml",)),
    Module("Flux Helm releases", "github.com/fluxcd/helm-controller", "v1.4.3", ("config/crd/bases/*.yaml",)),
    Module("Cilium", "github.com/cilium/cilium", "v1.20.2", ("pkg/k8s/apis/cilium.io/client/crds/*/*.yaml",)),
    Module("Kubernetes, scopes", "k8s.io/api", "v0.37.0", ()),
    Module("Kubernetes' definitions, scopes", "k8s.io/apiextensions-apiserver", "v0.37.0", ()),
    Module("Kubernetes' aggregation, scopes", "k8s.io/kube-aggregator", "v0.37.0", ()),
)  # fmt: skip
ARGO_CD = tuple(
    Module("Argo CD, versions", f"github.com/argoproj/argo-cd/v{version[1]}", version, ())
    for version in ("v2.14.0", "v3.0.0", "v3.1.0", "v3.2.0", "v3.3.0", "v3.4.0", "v3.5.0", "v3.6.0")
)
"""The first release of each minor that the table of versions tells of, oldest first."""
RETIRED = tuple(
    Module(f"{step.program}, versions that are gone", *module, ())
    for step in retired.STEPS
    for module in (step.before, step.after)
)
MARKED = ("OpenShift", "Kubernetes, scopes", "Kubernetes' definitions, scopes", "Kubernetes' aggregation, scopes")
"""Modules whose Go types tell which kinds are cluster-wide."""
LEFT_OUT = {
    "monitoring.rhobs/v1alpha1 MonitoringStack": "releases newer than the one that can be had know more fields",
    "tekton.dev/v1beta1": "the releases that people use it with serve it without a schema",
}
"""Kinds and versions whose vendored schema would refuse what clusters accept."""
FILLED_IN = {"security.openshift.io/v1 SecurityContextConstraints"}
"""Kinds whose required fields an admission plugin of their own API server fills in."""
AGGREGATED_FILE = "openapi/openapi.json"
AGGREGATED = {
    "apps": ("DeploymentConfig",),
    "authorization": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "build": ("Build", "BuildConfig"),
    "image": ("ImageStream",),
    "oauth": ("OAuthClient",),
    "project": ("Project", "ProjectRequest"),
    "template": ("Template",),
    "user": ("Group", "Identity", "User"),
}
"""Kinds of OpenShift's aggregated API server, which has no CustomResourceDefinitions but an OpenAPI document."""
GONE = {
    "1.15": ("extensions/v1beta1 DaemonSet", "extensions/v1beta1 Deployment", "extensions/v1beta1 NetworkPolicy",
             "extensions/v1beta1 PodSecurityPolicy", "extensions/v1beta1 ReplicaSet", "apps/v1beta1 Deployment",
             "apps/v1beta1 StatefulSet", "apps/v1beta2 DaemonSet", "apps/v1beta2 Deployment", "apps/v1beta2 ReplicaSet",
             "apps/v1beta2 StatefulSet"),
    "1.21": ("admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration",
             "admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration",
             "apiextensions.k8s.io/v1beta1 CustomResourceDefinition", "apiregistration.k8s.io/v1beta1 APIService",
             "authentication.k8s.io/v1beta1 TokenReview", "authorization.k8s.io/v1beta1 LocalSubjectAccessReview",
             "authorization.k8s.io/v1beta1 SelfSubjectAccessReview", "authorization.k8s.io/v1beta1 SubjectAccessReview",
             "certificates.k8s.io/v1beta1 CertificateSigningRequest", "coordination.k8s.io/v1beta1 Lease",
             "extensions/v1beta1 Ingress", "networking.k8s.io/v1beta1 Ingress",
             "networking.k8s.io/v1beta1 IngressClass", "rbac.authorization.k8s.io/v1beta1 ClusterRole",
             "rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding", "rbac.authorization.k8s.io/v1beta1 Role",
             "rbac.authorization.k8s.io/v1beta1 RoleBinding", "scheduling.k8s.io/v1beta1 PriorityClass",
             "storage.k8s.io/v1beta1 CSIDriver", "storage.k8s.io/v1beta1 CSINode",
             "storage.k8s.io/v1beta1 StorageClass", "storage.k8s.io/v1beta1 VolumeAttachment"),
    "1.24": ("autoscaling/v2beta1 HorizontalPodAutoscaler", "batch/v1beta1 CronJob",
             "discovery.k8s.io/v1beta1 EndpointSlice", "events.k8s.io/v1beta1 Event",
             "node.k8s.io/v1beta1 RuntimeClass", "policy/v1beta1 PodDisruptionBudget",
             "policy/v1beta1 PodSecurityPolicy"),
}  # fmt: skip
"""Kinds that were served last before the oldest vendored minor (Kubernetes' deprecated API migration guide)."""
_SCHEMA_MAPS = ("properties",)
_SCHEMAS = ("items", "additionalProperties")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        wheel, modules = fetch(Path(folder))
        files = everything(wheel, modules)
    stale = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.zlib")} - set(files)
    changed = sorted(stale | {name for name, data in files.items() if differs(HERE / name, data)})
    for name in changed if not check else ():
        write(name, files.get(name))
    sys.stdout.write("\n".join([*(f"changed: {name}" for name in changed), f"{len(files)} files from their sources\n"]))
    return int(check and bool(changed))


def differs(path: Path, data: bytes) -> bool:
    """Compares what files say: the bytes that zlib makes of it are its own affair."""
    if not path.is_file():
        return True
    old = path.read_bytes()
    return zlib.decompress(old) != zlib.decompress(data) if path.suffix == ".zlib" else old != data


def write(name: str, data: bytes | None) -> None:
    path = HERE / name
    if data is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def fetch(folder: Path) -> tuple[Path, dict[Module, dict[str, str]]]:
    """Downloads the sources; returns the wheel, and what Go says about each module (Dir, Sum)."""
    command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL)
    subprocess.run(command, check=True)
    modules = {}
    for module in (*MODULES, *ARGO_CD, *RETIRED):
        name = f"{module.path}@{module.version}"
        done = subprocess.run(("go", "mod", "download", "-json", name), cwd=folder, capture_output=True, check=False)
        about = json.loads(done.stdout or "{}")
        if "Dir" not in about:
            message = about.get("Error") or done.stderr.decode()
            raise SystemExit(f"{name} cannot be fetched: {message}")
        modules[module] = about
    return next(folder.glob("*.whl")), modules


def everything(wheel: Path, modules: dict[Module, dict[str, str]]) -> dict[str, bytes]:
    """Returns the content of every generated file by its path below schemas/."""
    files: dict[str, bytes] = {}
    minors = {minor: kubernetes_lines(definitions) for minor, definitions in kubernetes_definitions(wheel)}
    files |= {f"kubernetes/{minor}.zlib": vendored.pack(lines) for minor, lines in minors.items()}
    files["kubernetes/served.tsv"] = served_table(minors).encode()
    kinds, ruled, origins = custom_schemas(modules)
    groups = sorted({name.split("/", 1)[0] for name in kinds})
    for group in groups:
        own = {name: schema for name, schema in kinds.items() if name.startswith(f"{group}/")}
        files[f"custom/{group}.zlib"] = vendored.pack(shared(own))
        rules = {name: text(schema) for name, schema in ruled.items() if name.startswith(f"{group}/")}
        files |= {f"rules/{group}.zlib": vendored.pack(rules)} if rules else {}
    openshift = next(about for module, about in modules.items() if module.name == "OpenShift")
    for group, lines in aggregated_lines(json.loads((Path(openshift["Dir"]) / AGGREGATED_FILE).read_bytes())).items():
        name = f"custom/{group}.zlib"
        files[name] = vendored.pack(lines | (shared({k: v for k, v in kinds.items() if k.startswith(f"{group}/")})))
        origins |= {name: module for name in lines if " " in name for module in modules if module.name == "OpenShift"}
    rows = sorted((name, f"{module.name} {module.version}") for name, module in origins.items())
    files["scopes.tsv"] = scopes_table(modules).encode()
    files["custom/kinds.tsv"] = "".join(f"{name}\t{origin}\n" for name, origin in rows).encode()
    releases = {module.version[1:].removesuffix(".0"): Path(modules.pop(module)["Dir"]) for module in ARGO_CD}
    files["argocd/versions.tsv"] = versions.table(releases).encode()
    gone = {module: modules.pop(module) for module in dict.fromkeys(RETIRED)}
    folders = {(module.path, module.version): Path(about["Dir"]) for module, about in gone.items()}
    files["custom/retired.tsv"] = retired.table(folders).encode()
    files |= licenses(modules)
    files["SOURCES.md"] = sources(wheel, modules | gone, Counter(origins.values()), len(minors)).encode()
    return files


def kubernetes_definitions(wheel: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the minor and the strict definitions of each Kubernetes version in the wheel, oldest first."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith("-local-strict/_definitions.json")]
        for name in sorted(names, key=minor_of):
            major, minor = minor_of(name)
            yield f"{major}.{minor}", json.loads(archive.read(name))["$defs"]


def minor_of(name: str) -> tuple[int, int]:
    major, minor, _ = name.removeprefix(f"{FOLDER}v").split("-")[0].split(".")
    return int(major), int(minor)


def kubernetes_lines(definitions: dict[str, Any]) -> vendored.Lines:
    """Returns the definitions that some kind needs, and an alias per kind; lists are checked item by item, not here."""
    kinds = {}
    for name, schema in definitions.items():
        gvks = schema.get("x-kubernetes-group-version-kind", [])
        if len(gvks) == 1 and not gvks[0]["kind"].endswith("List"):
            group, version, kind = (gvks[0][key] for key in ("group", "version", "kind"))
            kinds[f"{group}/{version} {kind}" if group else f"{version} {kind}"] = name
    texts = {name: text(stripped(schema)) for name, schema in definitions.items()}
    needed = {*kinds.values(), crd.OBJECT_META}
    todo = list(needed)
    while todo:
        more = set(vendored.references(texts[todo.pop()])) - needed
        needed |= more
        todo += more
    return {name: texts[name] for name in needed} | kinds


def stripped(schema: Any) -> Any:
    """Returns a schema without what validates nothing, with number formats as limits, and alternatives as types."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": "#/definitions/" + schema["$ref"].rsplit("/", 1)[1]}
    out: dict[str, Any] = crd.bounds(schema)
    for key, value in schema.items():
        if key in _SCHEMA_MAPS:
            out[key] = {name: stripped(without_enum(name, part)) for name, part in value.items()}
        elif key in _SCHEMAS:
            out[key] = stripped(value)
        elif key == "oneOf":
            out["type"] = sorted({kind for part in value for kind in part["type"]})
        elif key in {"type", "required", "enum"}:
            out[key] = value
    return out


def without_enum(name: str, schema: Any) -> Any:
    """Frees apiVersion and kind: schemas are found by them, and inside of other kinds the API server ignores them."""
    if name in {"apiVersion", "kind"} and isinstance(schema, dict) and schema.get("type") == ["string", "null"]:
        return {key: value for key, value in schema.items() if key != "enum"}
    return schema


def served_table(versions: dict[str, vendored.Lines]) -> str:
    minors = list(versions)
    rows = {name: ("-", last) for last, names in GONE.items() for name in names}
    for minor in minors:
        for name, value in versions[minor].items():
            if not value.startswith("{"):
                rows[name] = (rows[name][0] if name in rows else minor, minor)
    rows = {name: ("-" if first == minors[0] else first, last) for name, (first, last) in rows.items()}
    head = f"# kind, first minor that serves it (- when {minors[0]} or older), last minor up to {minors[-1]}"
    return "\n".join([head, *(f"{name}\t{first}\t{last}" for name, (first, last) in sorted(rows.items())), ""])


def scopes_table(modules: dict[Module, dict[str, str]]) -> str:
    bodies = (body for module, about in modules.items() for body in definitions(Path(about["Dir"]), module.files))
    return scopes.table(bodies, (Path(about["Dir"]) for module, about in modules.items() if module.name in MARKED))


def custom_schemas(
    modules: dict[Module, dict[str, str]],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Module]]:
    """Returns schema, rules and source of every served version of every definition by name; the first source wins."""
    kinds: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    origins: dict[str, Module] = {}
    for module, about in modules.items():
        for body in definitions(Path(about["Dir"]), module.files):
            for version in crd.served(body):
                name = version.name
                if name not in kinds and name not in LEFT_OUT and version.api_version not in LEFT_OUT:
                    needed = {"required": ["apiVersion", "kind"]} if name in FILLED_IN else {}
                    kinds[name] = version.schema() | needed
                    rules |= {name: found} if (found := slim(version.given)) else {}
                    origins[name] = module
    return kinds, rules, origins


def aggregated_lines(openapi: dict[str, Any]) -> dict[str, vendored.Lines]:
    """Returns the lines of each group in AGGREGATED. What is required there only says how Go writes a field."""
    texts = {name: text(nullable(schema)) for name, schema in openapi["definitions"].items()}
    groups = {}
    for short, kinds in AGGREGATED.items():
        heads = {f"{short}.openshift.io/v1 {kind}": f"com.github.openshift.api.{short}.v1.{kind}" for kind in kinds}
        needed: set[str] = set()
        todo = list(heads.values())
        while todo:
            name = todo.pop()
            if name.startswith("com.github.openshift.") and name not in needed:
                needed.add(name)
                todo += vendored.references(texts[name])
        groups[f"{short}.openshift.io"] = {name: texts[name] for name in needed} | heads
    return groups


def nullable(schema: Any) -> Any:
    """Returns the strict form of a schema whose fields are all optional; Kubernetes' definitions stay references."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": "#/definitions/" + schema["$ref"].rsplit("/", 1)[1]}
    out: dict[str, Any] = crd.bounds(schema)
    if "type" in schema:
        out["type"] = [schema["type"], "null"]
    if "properties" in schema:
        out["properties"] = {name: nullable(part) for name, part in schema["properties"].items()}
        out["additionalProperties"] = False
    for key in _SCHEMAS:
        if key in schema:
            out[key] = nullable(schema[key])
    return out


def shared(schemas: dict[str, Any]) -> vendored.Lines:
    """Writes big schemas that stand in several places once, as definitions named after their content."""
    texts: dict[str, str] = {}
    uses: Counter[str] = Counter()

    def hoist(schema: Any, *, top: bool = False) -> Any:
        if not isinstance(schema, dict):
            return schema
        out = dict(schema)
        for key in _SCHEMAS:
            if key in out:
                out[key] = hoist(out[key])
        for key in _SCHEMA_MAPS:
            if key in out:
                out[key] = {name: hoist(part) for name, part in out[key].items()}
        written = text(out)
        if top or len(written) < SHARED:
            return out
        name = hashlib.sha256(written.encode()).hexdigest()[:10]
        uses[name] += 1
        if name not in texts:
            texts[name] = written
        else:
            uses.subtract(vendored.references(written))
        return {"$ref": f"#/definitions/{name}"}

    lines = {name: text(hoist(schema, top=True)) for name, schema in schemas.items()}

    def inlined(written: str) -> str:
        for name in vendored.references(written):
            if uses[name] == 1:
                written = written.replace(f'{{"$ref":"#/definitions/{name}"}}', inlined(texts[name]))
        return written

    lines = {name: inlined(written) for name, written in lines.items()}
    todo = list(lines.values())
    while todo:
        for name in vendored.references(todo.pop()):
            if name in texts and name not in lines:
                lines[name] = inlined(texts[name])
                todo.append(lines[name])
    return lines


def text(schema: Any) -> str:
    return json.dumps(schema, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def licenses(modules: dict[Module, dict[str, str]]) -> dict[str, bytes]:
    """Returns the texts that must go with the schemas, other than the Apache licence, which is the project's own."""
    files = {}
    notices = []
    for module, about in modules.items():
        folder = Path(about["Dir"])
        notice = folder / "NOTICE"
        if notice.is_file():
            notices.append(f"{module.name} ({module.path})\n\n{notice.read_text('utf-8').strip()}\n")
        if module.license != "Apache-2.0":
            name = module.name.lower().replace(" ", "-")
            files[f"licenses/{name}.txt"] = next(folder.glob("LICENSE*")).read_bytes()
    rule = f"\n{'=' * 80}\n\n"
    head = "Notices of the projects whose schemas are in this folder, as they ask for.\n"
    return files | {"NOTICE": rule.join([head, *notices]).encode()}


def sources(wheel: Path, modules: dict[Module, dict[str, str]], counts: Counter[Module], versions: int) -> str:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    cells = (
        (module.name, f"`{module.path}`", module.version, module.license, counts[module], f"`{about['Sum']}`")
        for module, about in modules.items()
    )
    rows = [f"| {' | '.join(map(str, row))} |" for row in cells]
    name, version = WHEEL.split("==")
    core = f"| Kubernetes, {versions} minors | PyPI `{name}` | {version} | Apache-2.0 | | sha256 `{digest}` |"
    template = (HERE / "SOURCES.in.md").read_text("utf-8")
    left_out = "; ".join(f"`{name}` ({reason})" for name, reason in sorted(LEFT_OUT.items()))
    return template.replace("@ROWS@", "\n".join([core, *rows])).replace("@LEFT_OUT@", left_out)


if __name__ == "__main__":
    os.environ.setdefault("GOFLAGS", "-mod=mod")
    sys.exit(main())
