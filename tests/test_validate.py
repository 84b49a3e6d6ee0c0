"""Objects are judged by their schemas as the API server judges them."""

from __future__ import annotations

import copy
import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from gitopsmith.documents import load
from gitopsmith.finding import Failure, Route
from gitopsmith.validate import (
    SchemaProblem,
    Schemas,
    check_kustomization,
    kubernetes_versions,
    vendored,
)

FIXTURES = Path(__file__).parent / "fixtures" / "schemas"


def deployment(container: str) -> Any:
    return load(f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - {container}
""")


def widget(spec: str) -> Any:
    return load(f"apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: one}}\nspec: {spec}")


def routes(problems: list[SchemaProblem]) -> list[tuple[str, Route]]:
    return [(problem.rule, problem.route) for problem in problems]


CONTAINER = ("spec", "template", "spec", "containers", 0)


class TestCore:
    @pytest.mark.parametrize(
        ("container", "problem"),
        [
            pytest.param(
                "{name: web, image: web:1, prots: []}",
                SchemaProblem(
                    "schema-unknown-field", (*CONTAINER, "prots"), "unknown field 'prots'; did you mean 'ports'?"
                ),
                id="misspelled",
            ),
            pytest.param(
                "{name: web, Image: web:1}",
                SchemaProblem(
                    "schema-unknown-field", (*CONTAINER, "Image"), "unknown field 'Image'; did you mean 'image'?"
                ),
                id="wrong-case",
            ),
            pytest.param(
                "{name: web, securityContext: {ports: []}}",
                SchemaProblem(
                    "schema-unknown-field",
                    (*CONTAINER, "securityContext", "ports"),
                    "unknown field 'ports'; it belongs in spec.template.spec.containers[name=web]",
                ),
                id="one-level-too-deep",
            ),
            pytest.param(
                "{name: web, ports: [{containerPort: eighty}]}",
                SchemaProblem(
                    "schema-invalid", (*CONTAINER, "ports", 0, "containerPort"), "must be an integer, not 'eighty'"
                ),
                id="text-for-integer",
            ),
            pytest.param(
                "{name: web, ports: [{containerPort: '80'}]}",
                SchemaProblem(
                    "schema-invalid",
                    (*CONTAINER, "ports", 0, "containerPort"),
                    "must be an integer, not '80'; write it without quotes",
                ),
                id="quoted-integer",
            ),
            pytest.param(
                "{name: web, ports: [{containerPort: 80}], env: [{name: A, value: 1}]}",
                SchemaProblem(
                    "schema-invalid",
                    (*CONTAINER, "env", 0, "value"),
                    "must be a string, not an integer; put it in quotes",
                ),
                id="integer-for-text",
            ),
            pytest.param(
                "{name: web, ports: [{name: http}]}",
                SchemaProblem("schema-invalid", (*CONTAINER, "ports", 0), "missing required field 'containerPort'"),
                id="missing",
            ),
            pytest.param(
                "{name: web, ports: [{containerPort: 3000000000}]}",
                SchemaProblem(
                    "schema-invalid", (*CONTAINER, "ports", 0, "containerPort"), "must be at most 2147483647"
                ),
                id="beyond-int32",
            ),
            pytest.param(
                "{name: web, livenessProbe: {httpGet: {port: [80]}}}",
                SchemaProblem(
                    "schema-invalid",
                    (*CONTAINER, "livenessProbe", "httpGet", "port"),
                    "must be an integer or a string, not a list",
                ),
                id="neither-integer-nor-string",
            ),
        ],
    )
    def test_names_the_fault_its_place_and_the_cure(self, container: str, problem: SchemaProblem) -> None:
        assert Schemas().check(deployment(container)) == [problem]

    def test_finds_every_leaf_in_the_order_of_the_fields(self) -> None:
        body = deployment("{ports: [{containerPort: a}, {hostPort: b, x: 1}]}")
        body["metadata"]["labels"] = {"a/b": 1}
        body["spec"] |= {"replicas": "3", "selector": None}
        assert routes(Schemas().check(body)) == [
            ("schema-invalid", ("metadata", "labels", "a/b")),
            ("schema-invalid", ("spec", "replicas")),
            ("schema-invalid", CONTAINER),
            ("schema-invalid", (*CONTAINER, "ports", 0, "containerPort")),
            ("schema-invalid", (*CONTAINER, "ports", 1)),
            ("schema-invalid", (*CONTAINER, "ports", 1, "hostPort")),
            ("schema-unknown-field", (*CONTAINER, "ports", 1, "x")),
        ]

    @pytest.mark.parametrize(
        "container",
        [
            "{name: web, command: null, resources: {limits: {cpu: 1, memory: 1Gi}}}",
            "{name: web, livenessProbe: {httpGet: {port: http}, periodSeconds: 1e1}}",
            "{name: web, readinessProbe: {tcpSocket: {port: 80}}}",
        ],
        ids=["null-is-unset", "whole-floats-are-integers", "integer-or-string"],
    )
    def test_accepts_what_the_server_accepts(self, container: str) -> None:
        assert Schemas().check(deployment(container)) == []

    def test_puts_a_label_where_it_belongs(self) -> None:
        body = load("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, app.kubernetes.io/name: b}")
        assert [problem.message for problem in Schemas().check(body)] == [
            "unknown field 'app.kubernetes.io/name'; it belongs in labels or annotations"
        ]

    def test_never_shows_the_value_of_a_secret(self) -> None:
        body = load(
            "{apiVersion: v1, kind: Secret, metadata: {name: a},"
            " immutable: hunter2, data: hunter2, stringData: {p: 12345}}"
        )
        problems = Schemas().check(body)
        assert [problem.route for problem in problems] == [("data",), ("immutable",), ("stringData", "p")]
        assert not any("hunter2" in problem.message or "12345" in problem.message for problem in problems)

    def test_knows_what_sops_adds(self) -> None:
        body = load("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: 'ENC[x]'}\nsops: {mac: x}")
        assert Schemas().check(body) == []
        assert routes(Schemas().check(body | {"sops": "x"})) == [("schema-unknown-field", ("sops",))]

    @pytest.mark.parametrize("kind", ["List", "ConfigMapList"])
    def test_looks_into_lists(self, kind: str) -> None:
        item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
        body = {"apiVersion": "v1", "kind": kind, "items": [item, item | {"date": {}}]}
        assert routes(Schemas().check(body)) == [("schema-unknown-field", ("items", 1, "date"))]

    @pytest.mark.parametrize("body", [None, [], "text", {}, {"apiVersion": 1, "kind": "A"}, {"kind": "Service"}])
    def test_is_silent_about_what_is_no_object(self, body: Any) -> None:
        assert Schemas().check(body) == []


class TestVersions:
    def test_has_thirteen_minors(self) -> None:
        assert kubernetes_versions() == tuple(f"1.{minor}" for minor in range(25, 38))

    @pytest.mark.parametrize("version", kubernetes_versions())
    def test_every_kind_of_every_minor_compiles(self, version: str) -> None:
        schemas = Schemas(version)
        kinds = [name.split(" ") for name, value in vendored.kubernetes(version).items() if not value.startswith("{")]
        assert len(kinds) > 60
        for api_version, kind in kinds:
            body = {"apiVersion": api_version, "kind": kind, "no": 1}
            assert ("schema-unknown-field", ("no",)) in routes(schemas.check(body))

    @pytest.mark.parametrize("version", ["1.30", "v1.30", "1.30.4"])
    def test_takes_a_version_as_people_write_it(self, version: str) -> None:
        assert Schemas(version).label.startswith("Kubernetes 1.30 and ")

    @pytest.mark.parametrize("version", ["1.24", "1.99", "", "master", "2"])
    def test_refuses_a_version_without_schemas(self, version: str) -> None:
        with pytest.raises(Failure, match=r"choose one of 1\.25, .*1\.37") as failure:
            Schemas(version)
        assert failure.value.status == 2

    def test_a_new_field_is_unknown_to_an_old_version(self) -> None:
        body = deployment("{name: web, image: a, restartPolicyRules: []}")
        assert routes(Schemas("1.33").check(body)) == [("schema-unknown-field", (*CONTAINER, "restartPolicyRules"))]
        assert Schemas("1.34").check(body) == []

    @pytest.mark.parametrize(
        ("version", "api_version", "kind", "message"),
        [
            ("1.34", "extensions/v1beta1", "Ingress", "was removed after Kubernetes 1.21; use networking.k8s.io/v1"),
            (
                "1.34",
                "autoscaling/v2beta2",
                "HorizontalPodAutoscaler",
                "was removed after Kubernetes 1.25; use autoscaling/v2",
            ),
            ("1.25", "autoscaling/v2beta2", "HorizontalPodAutoscaler", None),
            (
                "1.34",
                "policy/v1beta1",
                "PodSecurityPolicy",
                "was removed after Kubernetes 1.24; nothing takes its place",
            ),
            ("1.25", "resource.k8s.io/v1", "ResourceClaim", "exists from Kubernetes 1.34 on, not in 1.25"),
            ("1.34", "apps/v1", "Deployment", None),
            ("1.34", "example.com/v1", "Widget", None),
        ],
    )
    def test_tells_removed_kinds(self, version: str, api_version: str, kind: str, message: str | None) -> None:
        said = Schemas(version).removed(api_version, kind)
        assert said == message or (
            said is not None and message is not None and f"{api_version} {kind} {message}" in said
        )


class TestCustomKinds:
    @pytest.mark.parametrize(
        ("api_version", "kind"),
        [
            ("argoproj.io/v1alpha1", "Application"), ("argoproj.io/v1alpha1", "ApplicationSet"),
            ("argoproj.io/v1alpha1", "AppProject"), ("argoproj.io/v1alpha1", "Rollout"),
            ("bitnami.com/v1alpha1", "SealedSecret"), ("external-secrets.io/v1", "ExternalSecret"),
            ("external-secrets.io/v1beta1", "ExternalSecret"), ("external-secrets.io/v1alpha1", "ExternalSecret"),
            ("external-secrets.io/v1", "ClusterSecretStore"), ("cert-manager.io/v1", "Certificate"),
            ("monitoring.coreos.com/v1", "ServiceMonitor"), ("operators.coreos.com/v1alpha1", "Subscription"),
            ("route.openshift.io/v1", "Route"), ("user.openshift.io/v1", "Group"), ("kyverno.io/v1", "ClusterPolicy"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ],
    )  # fmt: skip
    def test_knows_the_kinds_that_repositories_use_most(self, api_version: str, kind: str) -> None:
        assert Schemas().knows(api_version, kind)
        assert Schemas().origin(api_version, kind)

    def test_every_vendored_kind_compiles(self) -> None:
        schemas = Schemas()
        for name in vendored.custom_kinds():
            api_version, kind = name.split(" ")
            assert schemas.check({"apiVersion": api_version, "kind": kind, "metadata": []}), name

    def test_an_application_set_keeps_its_resources_at_its_own_level(self) -> None:
        body = load("""
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: a}
spec:
  generators: []
  template:
    metadata: {name: b}
    spec: {project: c, destination: {}, syncPolicy: {preserveResourcesOnDeletion: true}}
""")
        assert Schemas().check(body) == [
            SchemaProblem(
                "schema-unknown-field",
                ("spec", "template", "spec", "syncPolicy", "preserveResourcesOnDeletion"),
                "unknown field 'preserveResourcesOnDeletion'; it belongs in spec.syncPolicy",
            )
        ]

    def test_a_kind_without_a_schema_is_unknown_not_wrong(self) -> None:
        schemas = Schemas()
        assert not schemas.knows("example.com/v1", "Widget")
        assert schemas.check({"apiVersion": "example.com/v1", "kind": "Widget", "x": 1}) == []
        assert schemas.origin("example.com/v1", "Widget") == ""


@functools.cache
def widgets() -> Schemas:
    return Schemas(crds=[load((FIXTURES / "widget-crd.yaml").read_text())])


class TestDefinitionsInTheRepository:
    """What the API server does is written in apiextensions-apiserver's pruning, defaulting and validation."""

    @pytest.mark.parametrize(
        "spec",
        [
            "{size: 1, left: a, settings: {}}",
            "{size: 1, left: a, settings: {any: {thing: 1}, known: {a: b}}}",
            "{size: 1, left: a, settings: {}, note: null, owner: null, mode: null, labels: {a: null}}",
            "{size: 1, left: a, settings: {}, port: 80}",
            "{size: 1, left: a, settings: {}, port: http}",
            "{size: 1, left: a, settings: {}, hosts: [a, b]}",
            "{size: 1, left: a, settings: {}, tls: {}}",
            "{size: 1, left: a, settings: {}, template: {apiVersion: v1, kind: A, metadata: {name: b}, spec: {x: 1}}}",
        ],
        ids=["default", "preserved", "null", "integer", "string", "set", "condition-on-default", "embedded"],
    )
    def test_accepts_what_the_server_accepts(self, spec: str) -> None:
        assert widgets().check(widget(spec)) == []

    @pytest.mark.parametrize(
        ("spec", "route", "message"),
        [
            ("{size: 1, left: a, settings: {}, nope: 1}", ("nope",), "unknown field 'nope'"),
            ("{size: 1, left: a, settings: {known: {b: 1}}}", ("settings", "known", "b"), "unknown field 'b'"),
            ("{size: null, left: a, settings: {}}", ("size",), "must be an integer, not null"),
            ("{size: 0, left: a, settings: {}}", ("size",), "must be at least 1"),
            ("{size: 1, left: a, settings: {}, mode: fats}", ("mode",), "did you mean 'fast'?"),
            ("{size: 1, left: a, settings: {}, port: H}", ("port",), "must match the pattern ^[a-z]+$"),
            ("{size: 1, left: a, settings: {}, port: {}}", ("port",), "must be an integer or a string, not a map"),
            ("{size: 1, left: a, settings: {}, hosts: [a, a]}", ("hosts",), "holds the same item twice"),
            ("{size: 1, left: a, settings: {}, hosts: [abcdef]}", ("hosts", 0), "must have at most 5 characters"),
            ("{size: 1, settings: {}}", (), "needs one of 'left', 'right'"),
            ("{size: 1, left: a, right: b, settings: {}}", (), "set only one of 'left', 'right'"),
            ("{size: 1, left: a, settings: {}, template: {kind: A}}", ("template",), "missing required field"),
            ("{size: 1, left: a, settings: {}, template: {apiVersion: v1, kind: A, metadata: {x: 1}}}",
             ("template", "metadata", "x"), "unknown field 'x'"),
        ],
    )  # fmt: skip
    def test_refuses_what_the_server_refuses(self, spec: str, route: Route, message: str) -> None:
        (problem,) = widgets().check(widget(spec))
        assert problem.route == ("spec", *route)
        assert message in problem.message

    def test_status_is_dropped_by_the_server(self) -> None:
        assert widgets().check(widget("{size: 1, left: a, settings: {}}") | {"status": {"x": 1}}) == []

    def test_serves_only_what_is_served(self) -> None:
        assert widgets().knows("example.com/v1", "Widget")
        assert not widgets().knows("example.com/v1alpha1", "Widget")
        assert widgets().origin("example.com/v1", "Widget") == "a definition in this repository"

    def test_wins_over_the_vendored_schema_for_its_own_kind_alone(self) -> None:
        crd = load((FIXTURES / "widget-crd.yaml").read_text())
        crd["spec"] |= {"group": "argoproj.io", "names": {"kind": "AppProject"}}
        crd["spec"]["versions"][0] |= {"name": "v1alpha1", "schema": {"openAPIV3Schema": {"type": "object"}}}
        schemas = Schemas(crds=[crd])
        body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "a"}}
        assert schemas.check(body) == []
        assert routes(schemas.check(body | {"spec": {}})) == [("schema-unknown-field", ("spec",))]
        assert schemas.check(body | {"kind": "Application"})

    def test_of_several_definitions_any_may_accept(self) -> None:
        first = load((FIXTURES / "widget-crd.yaml").read_text())
        second = copy.deepcopy(first)
        second["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["new"] = {
            "type": "string"
        }
        schemas = Schemas(crds=[first, second])
        assert schemas.check(widget("{size: 1, left: a, settings: {}, new: a}")) == []
        assert schemas.check(widget("{size: 1, left: a, settings: {}, newer: a}"))

    @pytest.mark.parametrize("field", [{"preserveUnknownFields": False}, {}], ids=["pruned", "kept"])
    def test_reads_the_first_version_of_the_api(self, field: dict[str, bool]) -> None:
        schema = {"properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}}
        crd = {
            "apiVersion": "apiextensions.k8s.io/v1beta1",
            "kind": "CustomResourceDefinition",
            "spec": {"group": "example.com", "version": "v1", "names": {"kind": "Widget"}, **field}
            | {"validation": {"openAPIV3Schema": schema}},
        }
        assert bool(Schemas(crds=[crd]).check(widget("{b: 1}"))) == bool(field)
        assert Schemas(crds=[crd]).check(widget("{a: 1}"))

    @pytest.mark.parametrize(
        "body", [{}, {"spec": 1}, {"spec": {"versions": [1]}}, {"spec": {"group": "a", "versions": {}}}]
    )
    def test_ignores_a_broken_definition(self, body: Any) -> None:
        assert Schemas(crds=[body]).label == Schemas().label

    def test_keeps_the_other_patterns_of_a_schema_that_has_an_unreadable_one(self) -> None:
        body = load("""
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec: {groups: [{name: a, interval: 5 minutes}, {name: b, interval: 1h30m}]}
""")
        assert routes(Schemas().check(body)) == [("schema-invalid", ("spec", "groups", 0, "interval"))]

    def test_leaves_out_patterns_that_no_linear_engine_knows(self) -> None:
        crd = load((FIXTURES / "widget-crd.yaml").read_text())
        crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?<!x)y"}}}},
        }
        assert Schemas(crds=[crd]).check(widget("{a: xy}")) == []
        assert routes(Schemas(crds=[crd]).check(widget("{a: 1}"))) == [("schema-invalid", ("spec", "a"))]


class TestKustomization:
    @pytest.mark.parametrize(
        "text",
        [
            "resources: [a.yaml]",
            "Resources: [a.yaml]\nNAMESPACE: b\nImages: [{NewTag: '1', NAME: c}]",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: a, target: {kind: B}}]",
            "bases: [a]\nvars: [{name: A, objref: {kind: B, name: c, apiVersion: v1}}]\ncommonLabels: {a: b}",
            "helmCharts: [{name: a, valuesInline: {any: {thing: 1}}, includeCRDs: true}]",
            "replacements: [{path: a}, {source: {kind: A}, targets: [{select: {name: b}, fieldPaths: [c]}]}]",
            "resources:\nnamePrefix: null",
        ],
        ids=["plain", "without-case", "component", "deprecated", "helm", "replacements", "null"],
    )
    def test_accepts_what_kustomize_accepts(self, text: str) -> None:
        assert check_kustomization(load(text)) == []

    @pytest.mark.parametrize(
        ("text", "rule", "route", "message"),
        [
            ("resource: [a]", "schema-unknown-field", ("resource",), "did you mean 'resources'?"),
            ("Images: [{name: a, tag: b}]", "schema-unknown-field", ("Images", 0, "tag"), "unknown field 'tag'"),
            ("Images: [{NAME: a, NewTag: 1.5}]", "schema-invalid", ("Images", 0, "NewTag"), "put it in quotes"),
            ("patches: [a.yaml]", "schema-invalid", ("patches", 0), "must be a map, not a string"),
            ("kind: Kustomisation", "schema-invalid", ("kind",), "did you mean 'Kustomization'?"),
            ("kind: Component\napiVersion: kustomize.config.k8s.io/v1", "schema-invalid", ("apiVersion",), "v1alpha1"),
            ("secretGenerator: [{name: a, literals: p=hunter2}]", "schema-invalid", ("secretGenerator", 0, "literals"),
             "must be a list, not a string"),
        ],
    )  # fmt: skip
    def test_refuses_what_kustomize_refuses(self, text: str, rule: str, route: Route, message: str) -> None:
        (problem,) = check_kustomization(load(text))
        assert (problem.rule, problem.route) == (rule, route)
        assert message in problem.message

    @pytest.mark.parametrize(
        "text",
        [
            "resource: [a]", "RESOURCES: [cm.yaml]", "resources: cm.yaml",
            "resources: [cm.yaml]\nimages: [{name: a, newTag: 1}]",
            "resources: [cm.yaml]\nnamespace: 5", "resources: [cm.yaml]\nlabels: [{pairs: {a: 1}}]",
            "resources: [cm.yaml]\nlabels: [{pairs: {a: b}, Fields: [{path: x, create: 'no'}]}]",
            "resources: [cm.yaml]\nkind: Kustomize", "resources: [cm.yaml]\napiVersion: kustomize.config.k8s.io/v1",
            "resources: [cm.yaml]\ncommonAnnotations: {a: true}", "resources: [cm.yaml]\nmetadata: {name: a, uid: b}",
            "resources: [cm.yaml]\nsortOptions: {order: fifo}", "resources: [cm.yaml]\nbuildMetadata: [other]",
            "resources: [cm.yaml]\ngeneratorOptions: {disableNameSuffixHash: true, other: 1}",
            "resources: [cm.yaml]\nreplicas: [{name: a, count: '2'}]", "resources: [cm.yaml]\nnameSuffix: null",
            "resources: [cm.yaml]\nopenapi: {path: 1}",
            "resources: [cm.yaml]\nconfigMapGenerator: [{name: a, literal: [b=c]}]",
        ],
    )  # fmt: skip
    def test_agrees_with_kustomize(self, kustomize: str, tmp_path: Path, text: str) -> None:
        (tmp_path / "kustomization.yaml").write_text(text)
        (tmp_path / "cm.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        done = subprocess.run((kustomize, "build", str(tmp_path)), capture_output=True, check=False)
        assert bool(check_kustomization(load(text))) == bool(done.returncode), done.stderr


class TestVendored:
    def test_is_small(self) -> None:
        assert sum(path.stat().st_size for path in (ROOT / "schemas").rglob("*") if path.is_file()) < 1_500_000

    def test_packs_the_same_lines_to_the_same_bytes(self, tmp_path: Path) -> None:
        lines = {"b": '{"type":"string"}', "a b": "b"}
        packed = vendored.pack(lines)
        (tmp_path / "x.zlib").write_bytes(packed)
        assert vendored.unpack(tmp_path / "x.zlib") == lines
        assert vendored.pack(dict(reversed(lines.items()))) == packed
        assert vendored.unpack(tmp_path / "y.zlib") == {}

    def test_every_source_is_named(self) -> None:
        sources = (ROOT / "schemas" / "SOURCES.md").read_text()
        for origin in set(vendored.custom_kinds().values()):
            name, _, version = origin.rpartition(" ")
            assert f"| {name} | " in sources
            assert f"| {version} | " in sources

    def test_importing_the_linter_does_not_read_a_schema(self) -> None:
        code = "from gitopsmith.validate.vendored import kubernetes as a, served as b"
        code += "; print(a.cache_info().currsize, b.cache_info().currsize)"
        done = subprocess.run((sys.executable, "-c", code), capture_output=True, check=True, text=True)
        assert done.stdout == "0 0\n"
