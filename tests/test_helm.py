"""Charts are rendered as Argo CD renders them, and what is wrong in them is found at the line to change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitopsmith.finding import Finding, Report
from gitopsmith.lint import Options, lint
from repository import ORDINARY, URL, application_of, run, write

pytestmark = pytest.mark.usefixtures("kustomize")
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  values: {{ .Values | toJson | quote }}
  kubernetes: {{ .Capabilities.KubeVersion | quote }}
"""
SETTINGS = f"repository:\n  urls: [{URL}]\n"
DEPLOYMENT = """\
{{- /* what everybody
sees */ -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        {{- with .Values.sidecar }}
        - name: sidecar
          image: {{ . }}
        {{- end }}
        - name: web
          {{- if .Values.image }}
          image: {{ .Values.image }}
          {{- end }}
"""
HELPERS = '{{- define "web.labels" -}}\napp: web\n{{- end }}\n'


def source(helm: Mapping[str, object] | None = None, path: str = "charts/web") -> str:
    return application_of("shop", path, f"helm: {json.dumps(helm)}" if helm else "")


def repository(root: Path, files: Mapping[str, str], application: str = "") -> Path:
    chart = {"charts/web/Chart.yaml": CHART, "charts/web/templates/config.yaml": CONFIG}
    more = {".gitopsmith.yaml": SETTINGS, "apps/shop.yaml": application or source()}
    return write(root, chart | more | dict(files))


def linted(root: Path, *select: str) -> Report:
    return lint(Options(paths=(root,), select=select, jobs=1))


def found(root: Path, rule: str) -> list[Finding]:
    return [finding for finding in linted(root, rule).findings if finding.rule == rule]


def places(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(finding.location.path, finding.location.line) for finding in findings]


def unverifiable(report: Report) -> list[str]:
    return [note.message for note in report.notes if note.kind == "unverifiable"]


@pytest.mark.usefixtures("helm")
def test_a_chart_in_the_repository_counts_as_rendered(tmp_path: Path) -> None:
    report = linted(repository(tmp_path, {}))
    assert report.findings == ()
    assert report.summary.rendered_share == 1.0
    assert report.summary.objects == 2
    assert "helm" in report.renderer
    assert unverifiable(report) == []


@pytest.mark.usefixtures("helm")
def test_a_finding_points_at_the_template_at_the_field_or_at_what_is_nearest(tmp_path: Path) -> None:
    files = {
        "charts/web/templates/web.yaml": DEPLOYMENT,
        "charts/web/templates/_helpers.tpl": HELPERS,
        "charts/web/values.yaml": "image: web\nsidecar: proxy\n",
    }
    findings = found(repository(tmp_path, files), "image-unpinned")
    assert places(findings) == [("charts/web/templates/web.yaml", 27), ("charts/web/values.yaml", 1)]
    assert [finding.applications for finding in findings] == [("shop",), ("shop",)]
    assert findings[0].object is not None
    assert findings[0].object.name == "shop"


@pytest.mark.usefixtures("helm")
def test_a_comment_in_the_template_silences_a_finding(tmp_path: Path) -> None:
    silent = DEPLOYMENT.replace(
        "          image: {{ .Values.image }}",
        "          # gitopsmith: ignore[image-unpinned] it is built here\n          image: {{ .Values.image | lower }}",
    )
    files = {
        "charts/web/templates/web.yaml": silent,
        "charts/web/templates/_helpers.tpl": HELPERS,
        "charts/web/values.yaml": "image: web\n",
    }
    report = linted(repository(tmp_path, files), "image-unpinned")
    assert report.findings == ()
    assert [item.how for item in report.suppressed] == ["comment"]


@pytest.mark.usefixtures("helm")
def test_applications_that_a_chart_renders_are_followed(tmp_path: Path) -> None:
    child = application_of("{{ $name }}", "ordinary").replace("\n\n", "\n")
    template = "{{- range $name := .Values.names }}\n---\n" + child + "{{- end }}\n"
    files = ORDINARY | {
        "charts/web/templates/apps.yaml": template,
        "charts/web/values.yaml": "names: [left, right]\n",
    }
    report = linted(repository(tmp_path, files))
    assert report.summary.applications == 4
    (unpinned,) = (finding for finding in report.findings if finding.rule == "image-unpinned")
    assert set(unpinned.applications) == {"ordinary", "left", "right"}


@pytest.mark.usefixtures("helm")
def test_what_a_template_fails_for_is_found_where_helm_says(tmp_path: Path) -> None:
    broken = 'kind: ConfigMap\ndata:\n  host: {{ required "set the host" .Values.host }}\n'
    (finding,) = found(repository(tmp_path, {"charts/web/templates/host.yaml": broken}), "helm-build")
    assert places([finding]) == [("charts/web/templates/host.yaml", 3)]
    assert "set the host" in finding.message
    assert finding.related[0].location.path == "apps/shop.yaml"


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    "template",
    [
        '{{ (lookup "v1" "Secret" "web" "token").data.token }}\n',
        '{{ if not (.Capabilities.APIVersions.Has "example.com/v1") }}{{ fail "no operator" }}{{ end }}\n',
    ],
)
def test_what_fails_only_without_a_cluster_is_a_note(tmp_path: Path, template: str) -> None:
    report = linted(repository(tmp_path, {"charts/web/templates/asks.yaml": template}))
    assert report.findings == ()
    assert [said for said in unverifiable(report) if said.startswith("charts ask the cluster")]


@pytest.mark.usefixtures("helm")
def test_definitions_of_the_repository_are_known_to_templates(tmp_path: Path) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {}}}],
        },
    }
    asks = '{{ if not (.Capabilities.APIVersions.Has "example.com/v1/Thing") }}{{ fail "no operator" }}{{ end }}\n'
    files = {
        "charts/web/templates/asks.yaml": asks,
        "crds/things.yaml": f"# kind: CustomResourceDefinition\n{json.dumps(definition)}\n",
    }
    assert unverifiable(linted(repository(tmp_path, files))) == []


@pytest.mark.usefixtures("helm")
def test_dependencies_that_are_not_vendored_are_a_note(tmp_path: Path) -> None:
    needs = CHART + "dependencies:\n  - {name: redis, version: 1.0.0, repository: https://charts.example.com}\n"
    report = linted(repository(tmp_path, {"charts/web/Chart.yaml": needs}))
    assert report.findings == ()
    (said,) = unverifiable(report)
    assert "not vendored" in said
    assert "redis" in said


def test_without_helm_one_note_says_what_to_install(tmp_path: Path, kustomize: str) -> None:
    root = repository(tmp_path / "repository", {})
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "kustomize"):
        (folder / name).symlink_to(kustomize if name == "kustomize" else str(shutil.which(name)))
    ended = run("lint", ".", "--format", "json", cwd=root, path=str(folder))
    notes = [note["message"] for note in json.loads(ended.stdout)["notes"] if note["kind"] == "unverifiable"]
    assert ended.returncode == 0
    assert len(notes) == 1
    assert "put helm (3 or 4) on PATH" in notes[0]


@pytest.mark.parametrize(
    ("helm", "route", "said"),
    [
        ({"valueFiles": ["missing.yaml"]}, "valueFiles[0]", "is no file"),
        ({"valueFiles": ["missing/*.yaml"]}, "valueFiles[0]", "matches no file"),
        ({"valueFiles": ["$values/a.yaml"]}, "valueFiles[0]", "has ref 'values'"),
        ({"valueFiles": ["../../../outside.yaml"]}, "valueFiles[0]", "leads out of the repository"),
        ({"valueFiles": ["ftp://example.com/a.yaml"]}, "valueFiles[0]", "no such URL"),
        ({"fileParameters": [{"name": "a", "path": "missing.txt"}]}, "fileParameters[name=a].path", "is no file"),
        ({"version": "v2"}, "version", "no Helm 'v2'"),
    ],
)
def test_what_argo_cd_refuses_of_a_source_is_found_without_helm(
    tmp_path: Path, helm: Mapping[str, object], route: str, said: str
) -> None:
    (finding,) = found(repository(tmp_path, {}, source(helm)), "helm-build")
    assert finding.location.path == "apps/shop.yaml"
    assert finding.pointer == f"spec.source.helm.{route}"
    assert said in finding.message


def test_a_link_that_leads_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"outside.yaml": "secret: yes\n"})
    root = repository(tmp_path / "repository", {}, source({"valueFiles": ["values-*.yaml"]}))
    (root / "charts/web/values-x.yaml").symlink_to(tmp_path / "outside.yaml")
    (finding,) = found(root, "helm-build")
    assert "leads out of the repository" in finding.message


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    "document", ["1", "[]", "helm: 1", "helm: {valueFiles: [1, null], parameters: [1, {name: 2}]}"]
)
def test_odd_values_of_a_source_end_no_run(tmp_path: Path, document: str) -> None:
    application = application_of("shop", "charts/web", document if document.startswith("helm") else f"helm: {document}")
    report = linted(repository(tmp_path, dict(ORDINARY), application))
    assert "image-unpinned" in {finding.rule for finding in report.findings}


INFLATES = "resources: [more.yaml]\nhelmCharts:\n  - {name: web, releaseName: shop}\n"
OPTIONS = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {kustomize.buildOptions: --enable-helm}\n"
)


def inflating(root: Path, template: str, **files: str) -> Path:
    chart = {"shop/charts/web/Chart.yaml": CHART, "shop/charts/web/values.yaml": "image: web\n"}
    more = {"shop/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n"}
    own = {".gitopsmith.yaml": SETTINGS, "apps/shop.yaml": application_of("shop", "shop")}
    named = {"shop/kustomization.yaml": INFLATES, "shop/charts/web/templates/web.yaml": template}
    return write(root, chart | more | own | named | files)


POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"
    "spec: {containers: [{name: web, image: {{ .Values.image }}}]}\n"
)


@pytest.mark.usefixtures("helm")
def test_charts_of_a_kustomization_are_inflated_where_argocd_cm_enables_it(tmp_path: Path) -> None:
    root = inflating(tmp_path, POD, **{"argocd/cm.yaml": OPTIONS})
    report = linted(root)
    assert report.summary.rendered_share == 1.0
    assert places([each for each in report.findings if each.rule == "image-unpinned"]) == [
        ("shop/kustomization.yaml", 1)
    ]


@pytest.mark.usefixtures("helm")
def test_charts_of_a_kustomization_are_inflated_where_the_configuration_enables_it(tmp_path: Path) -> None:
    enabled = SETTINGS + "kustomize: {buildOptions: --enable-helm}\n"
    assert linted(inflating(tmp_path, POD, **{".gitopsmith.yaml": enabled})).summary.rendered_share == 1.0


@pytest.mark.usefixtures("helm")
def test_charts_of_a_kustomization_are_a_note_where_nothing_enables_them(tmp_path: Path) -> None:
    report = linted(inflating(tmp_path, POD))
    assert report.findings == ()
    assert any("--enable-helm" in said for said in unverifiable(report))


@pytest.mark.usefixtures("helm")
def test_a_chart_of_a_kustomization_that_cannot_be_rendered_is_found_in_its_template(tmp_path: Path) -> None:
    root = inflating(tmp_path, POD.replace(".Values.image", ".Values.a.b"), **{"argocd/cm.yaml": OPTIONS})
    (finding,) = found(root, "kustomize-build")
    assert places([finding]) == [("shop/charts/web/templates/web.yaml", 4)]
    assert "nil pointer" in finding.message


@pytest.mark.usefixtures("helm")
def test_a_chart_of_a_kustomization_that_is_not_here_is_a_note_and_never_downloaded(tmp_path: Path) -> None:
    absent = "helmCharts:\n  - {name: web, version: 1.0.0, repo: 'http://127.0.0.1:9'}\n"
    root = inflating(tmp_path, POD, **{"argocd/cm.yaml": OPTIONS, "shop/kustomization.yaml": absent})
    before = sorted(tmp_path.rglob("*"))
    report = linted(root)
    assert any("not vendored in shop/charts/web-1.0.0/web" in said for said in unverifiable(report))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("helm")
def test_options_of_an_application_and_charts_of_a_kustomization_go_together(tmp_path: Path) -> None:
    application = application_of("shop", "shop", "kustomize: {namePrefix: a-}")
    vendored = "helmCharts:\n  - {name: web, releaseName: shop, version: 1.0.0, repo: 'https://charts.example.com'}\n"
    root = inflating(
        tmp_path,
        POD,
        **{"argocd/cm.yaml": OPTIONS, "apps/shop.yaml": application, "shop/kustomization.yaml": vendored},
    )
    (root / "shop/charts/web").rename(root / "shop/charts/moved")
    (root / "shop/charts/web-1.0.0").mkdir()
    (root / "shop/charts/moved").rename(root / "shop/charts/web-1.0.0/web")
    (finding,) = found(root, "image-unpinned")
    assert finding.object is not None
    assert finding.object.name == "a-shop"


@pytest.mark.usefixtures("helm")
def test_files_beside_a_chart_override_the_source_and_not_where_it_comes_from(tmp_path: Path) -> None:
    files = {
        "charts/web/templates/web.yaml": POD,
        "charts/web/.argocd-source.yaml": "path: elsewhere\nhelm:\n  valuesObject: {image: 'a:1.0.0'}\n",
        "charts/web/.argocd-source-shop.yaml": "helm: {valuesObject: {image: b}, valueFiles: null}\n",
        "charts/web/.argocd-source-other.yaml": "helm: {valuesObject: {image: c}}\n",
    }
    (finding,) = found(repository(tmp_path, files, source({"valueFiles": ["missing.yaml"]})), "image-unpinned")
    assert "'b'" in finding.message


VALUED = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - image: "{{ .Values.image.name }}:{{ .Values.image.tag }}"
      name: web
"""


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("block", "place"),
    [
        ({}, ("charts/web/values.yaml", 4)),
        ({"valueFiles": ["values-1.yaml", "values-2.yaml"]}, ("charts/web/values-2.yaml", 2)),
        ({"valueFiles": ["values-2.yaml", "values-1.yaml"]}, ("charts/web/values-1.yaml", 1)),
        ({"valuesObject": {"image": {"tag": "latest"}}}, ("apps/shop.yaml", 12)),
        ({"parameters": [{"name": "image.tag", "value": "latest"}]}, ("apps/shop.yaml", 12)),
    ],
    ids=["chart", "last file", "other order", "inline", "parameter"],
)
def test_a_finding_points_at_the_value_where_that_is_sure(
    tmp_path: Path, block: Mapping[str, object], place: tuple[str, int]
) -> None:
    files = {
        "charts/web/templates/web.yaml": VALUED,
        "charts/web/values.yaml": "# what runs\nimage:\n  name: web\n  tag: latest\n",
        "charts/web/values-1.yaml": "image: {tag: latest}\n",
        "charts/web/values-2.yaml": "image:\n  tag: latest\n",
    }
    assert places(found(repository(tmp_path, files, source(block)), "image-unpinned")) == [place]


@pytest.mark.usefixtures("helm")
def test_a_value_that_a_template_changes_is_not_taken_for_what_is_rendered(tmp_path: Path) -> None:
    files = {
        "charts/web/templates/web.yaml": POD.replace(".Values.image", ".Values.image | lower"),
        "charts/web/values.yaml": "image: WEB\n",
    }
    findings = found(repository(tmp_path, files), "image-unpinned")
    assert places(findings) == [("charts/web/templates/web.yaml", 4)]
