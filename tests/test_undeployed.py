"""What breaks nothing that runs is a warning: what nothing deploys, what runs no pod, what seldom changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import repository
from gitopsmith import documents
from gitopsmith.lint import Options, lint
from secret_cases import pem

pytestmark = pytest.mark.usefixtures("kustomize")

BROKEN = "resources: [gone.yaml]\n"
EMPTY = "resources: []\n"
TREE = {
    "roots/dev.yaml": repository.application_of("root-dev", "apps/dev"),
    "roots/prod.yaml": repository.application_of("root-prod", "apps/prod"),
    "apps/dev/kustomization.yaml": "resources: [web.yaml]\n",
    "apps/dev/web.yaml": repository.application_of("web-dev", "web/dev"),
    "apps/prod/kustomization.yaml": "resources: [web.yaml]\n",
    "apps/prod/web.yaml": repository.application_of("web-prod", "web/prod"),
    "web/dev/kustomization.yaml": EMPTY,
    "web/prod/kustomization.yaml": EMPTY,
}
"""Two roots that somebody applies by hand, each with one Application."""


def _severities(folder: Path, files: dict[str, str], *select: str) -> dict[str, str]:
    """Returns the severities of what a rule finds, by path."""
    configured = {".gitopsmith.yaml": f"repository: {{urls: [{repository.URL}]}}\n"}
    root = repository.write(folder, configured | files)
    found = lint(Options(paths=(root,), select=select, jobs=1)).findings
    return {one.location.path: str(one.severity) for one in found}


def test_a_broken_kustomization_is_an_error_where_something_deploys_it(tmp_path: Path) -> None:
    files = TREE | {"web/prod/kustomization.yaml": BROKEN, "web/left/kustomization.yaml": BROKEN}
    assert _severities(tmp_path, files, "kustomize-reference-missing") == {
        "web/prod/kustomization.yaml": "error",
        "web/left/kustomization.yaml": "warning",
    }


def test_everything_counts_where_no_application_deploys_anything_of_the_repository(tmp_path: Path) -> None:
    files = {"web/base/kustomization.yaml": BROKEN}
    assert _severities(tmp_path, files, "kustomize-reference-missing") == {"web/base/kustomization.yaml": "error"}


def test_what_a_set_may_deploy_counts_where_its_clusters_are_not_known(tmp_path: Path) -> None:
    application = documents.load(repository.application_of("'{{name}}'", "web/left"))
    template = {"metadata": {"name": "{{name}}"}, "spec": application["spec"]}
    spec = {"generators": [{"clusters": {}}], "template": template}
    metadata = {"name": "everywhere", "namespace": "argocd"}
    generated = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": metadata, "spec": spec}
    files = TREE | {"web/left/kustomization.yaml": BROKEN, "roots/everywhere.yaml": json.dumps(generated)}
    assert _severities(tmp_path, files, "kustomize-reference-missing") == {"web/left/kustomization.yaml": "error"}


def test_a_secret_that_nobody_deploys_can_be_read_all_the_same(tmp_path: Path) -> None:
    key = json.dumps(pem("PRIVATE KEY"))
    secret = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata: {{tls.key: {key}}}\n"
    files = TREE | {"web/left/kustomization.yaml": "resources: [secret.yaml]\n", "web/left/secret.yaml": secret}
    assert _severities(tmp_path, files, "secrets") == {"web/left/secret.yaml": "error"}


def test_an_application_that_no_root_brings_breaks_nothing(tmp_path: Path) -> None:
    files = TREE | {
        "apps/old/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/old/web.yaml": repository.application_of("web-old", "web/old"),
    }
    assert _severities(tmp_path, files, "application-path-missing") == {"apps/old/web.yaml": "warning"}


def test_what_an_application_alone_deploys_that_no_root_brings_breaks_nothing(tmp_path: Path) -> None:
    files = TREE | {
        "apps/old/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/old/web.yaml": repository.application_of("web-old", "web/old"),
        "web/old/kustomization.yaml": BROKEN,
    }
    assert _severities(tmp_path, files, "kustomize-reference-missing") == {"web/old/kustomization.yaml": "warning"}


def test_a_root_with_a_wrong_path_is_an_error_beside_roots_that_work(tmp_path: Path) -> None:
    files = TREE | {"roots/prod.yaml": repository.application_of("root-prod", "apps/prdo")}
    assert _severities(tmp_path, files, "application-path-missing") == {"roots/prod.yaml": "error"}


def test_the_only_root_with_a_wrong_path_is_an_error(tmp_path: Path) -> None:
    files = {path: text for path, text in TREE.items() if not path.startswith("roots/dev")}
    files |= {"roots/prod.yaml": repository.application_of("root-prod", "apps/prdo")}
    assert _severities(tmp_path, files, "application-path-missing") == {"roots/prod.yaml": "error"}


def test_what_a_root_would_bring_that_is_switched_off_breaks_nothing(tmp_path: Path) -> None:
    files = TREE | {
        "roots/kustomization.yaml": "resources: [dev.yaml]\n",
        "apps/prod/web.yaml": repository.application_of("web-prod", "web/gone"),
        "apps/dev/kustomization.yaml": "resources: [web.yaml, api.yaml]\n",
        "apps/dev/api.yaml": repository.application_of("api-dev", "web/gone"),
    }
    found = _severities(tmp_path, files, "application-path-missing")
    assert found == {"apps/prod/web.yaml": "warning", "apps/dev/api.yaml": "error"}


def test_applications_that_are_all_applied_by_hand_count(tmp_path: Path) -> None:
    files = {
        "apps/web.yaml": repository.application_of("web", "web/prod"),
        "apps/api.yaml": repository.application_of("api", "api/gone"),
        "web/prod/kustomization.yaml": EMPTY,
    }
    assert _severities(tmp_path, files, "application-path-missing") == {"apps/api.yaml": "error"}


AMENDING = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: web}
spec:
  template:
    metadata:
      annotations: {example.com/scraped: "true"}
"""


def test_a_workload_that_amends_an_operators_may_lack_what_it_does_not_change(tmp_path: Path) -> None:
    files = TREE | {"web/prod/kustomization.yaml": "resources: [web.yaml]\n", "web/prod/web.yaml": AMENDING}
    assert _severities(tmp_path, files, "schema-invalid") == {"web/prod/web.yaml": "warning"}


def test_a_workload_with_containers_needs_a_selector(tmp_path: Path) -> None:
    whole = f"{AMENDING}    spec: {{containers: [{{name: web, image: web:1}}]}}\n"
    files = TREE | {"web/prod/kustomization.yaml": "resources: [web.yaml]\n", "web/prod/web.yaml": whole}
    assert _severities(tmp_path, files, "schema-invalid") == {"web/prod/web.yaml": "error"}


GUEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: operator}
rules: []
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: operator, namespace: operator}
spec:
  endpoints: [{port: metrics, interval: 10s}]
"""
NEIGHBOUR = """\
---
apiVersion: v1
kind: Service
metadata: {name: operator, namespace: operator}
spec: {ports: [{port: 80}]}
"""


@pytest.mark.parametrize(("more", "severity"), [("", "warning"), (NEIGHBOUR, "error")])
def test_what_goes_alone_into_the_namespace_of_an_operator_may_amend_what_is_there(
    tmp_path: Path, more: str, severity: str
) -> None:
    files = TREE | {"web/prod/kustomization.yaml": "resources: [web.yaml]\n", "web/prod/web.yaml": GUEST + more}
    assert _severities(tmp_path, files, "schema-invalid") == {"web/prod/web.yaml": severity}


@pytest.mark.parametrize(("replicas", "severity"), [(0, "warning"), (1, "error")])
def test_an_image_without_a_version_is_an_error_where_pods_run(tmp_path: Path, replicas: int, severity: str) -> None:
    web = f"{AMENDING}    spec: {{containers: [{{name: web, image: web}}]}}\n  replicas: {replicas}\n"
    files = TREE | {"web/prod/kustomization.yaml": "resources: [web.yaml]\n", "web/prod/web.yaml": web}
    assert _severities(tmp_path, files, "image-unpinned") == {"web/prod/web.yaml": severity}


@pytest.mark.parametrize(("folder", "severity"), [("deploy/v4.11.0", "warning"), ("deploy", "error")])
def test_a_branch_is_an_error_but_below_a_folder_of_one_version(tmp_path: Path, folder: str, severity: str) -> None:
    remote = f"https://raw.githubusercontent.com/example/app/main/{folder}/rbac.yaml"
    files = TREE | {"web/prod/kustomization.yaml": f"resources: [{remote}]\n"}
    assert _severities(tmp_path, files, "kustomize-remote-unpinned") == {"web/prod/kustomization.yaml": severity}
