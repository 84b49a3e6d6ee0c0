"""What projects deny: a dozen and more small ones, what Argo CD says to each, and what `gitopsmith lint` had said.

Everything lies in one repository, an AppProject and an Application for each case, and the same files are linted and
applied.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from e2e.live import Checkout, Live, gitopsmith
from e2e.watch import PATH

pytestmark = pytest.mark.slow

IN_CLUSTER = "https://kubernetes.default.svc"
DENIED = r"is not permitted in project|do not match any of the allowed destinations|project ghost which does not exist"
"""A project that Argo CD has not seen yet does not exist either, for a moment."""
PROJECTS = PATH.replace("applications", "appprojects")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: %s\nrules: []\n"
RULES = (
    "application-project-undefined",
    "application-source-denied",
    "application-destination-denied",
    "namespace-creation-denied",
    "object-denied",
)


class Case(NamedTuple):
    """What a project says in place of what lets everything pass; ``rule`` is what lint calls it, empty if allowed.

    In the texts ``@URL`` is the repository's, ``@HOST`` its host's, ``@NAME`` the case's own name.
    """

    rule: str = ""
    project: Mapping[str, Any] = MappingProxyType({})
    application: Mapping[str, Any] = MappingProxyType({})
    objects: str = CONFIG


def _destinations(*items: dict[str, str]) -> dict[str, Any]:
    return {"destinations": list(items)}


def _restricted(field: str, *entries: dict[str, str]) -> dict[str, Any]:
    return {field: list(entries)}


NAMESPACES = {"group": "", "kind": "Namespace"}
ROLES = {"group": "rbac.*", "kind": "ClusterRole"}
CASES = {
    "plain": Case(),
    "source-glob": Case(project={"sourceRepos": ["@HOST/public/*"]}),
    "source-short-glob": Case("application-source-denied", {"sourceRepos": ["@HOST/*"]}),
    "source-long-glob": Case(project={"sourceRepos": ["@HOST/**"]}),
    "source-denied": Case("application-source-denied", {"sourceRepos": ["*", "!@URL"]}),
    "source-braces": Case("application-source-denied", {"sourceRepos": ["@HOST/{public,private}/*"]}),
    "cluster-by-its-address": Case(
        project=_destinations({"server": IN_CLUSTER, "namespace": "@NAME"}),
        application={"destination": {"name": "in-cluster", "namespace": "@NAME"}},
    ),
    "cluster-by-its-name": Case(project=_destinations({"name": "in-cluster", "namespace": "@NAME"})),
    "other-cluster": Case(
        "application-destination-denied", _destinations({"server": "https://prod.example.com", "namespace": "*"})
    ),
    "other-namespace": Case(
        "application-destination-denied", _destinations({"server": IN_CLUSTER, "namespace": "@NAME-*"})
    ),
    "denied-namespace": Case(
        "application-destination-denied",
        _destinations({"server": "*", "namespace": "*"}, {"server": "*", "namespace": "!denied-*"}),
    ),
    "cluster-wide-kind": Case("object-denied", objects=ROLE % "one"),
    "cluster-wide-name": Case(
        project=_restricted("clusterResourceWhitelist", NAMESPACES, ROLES | {"name": "two*"}), objects=ROLE % "two"
    ),
    "other-cluster-wide-name": Case(
        "object-denied",
        _restricted("clusterResourceWhitelist", NAMESPACES, ROLES | {"name": "two*"}),
        objects=ROLE % "three",
    ),
    "no-kind-at-all": Case("object-denied", {"namespaceResourceWhitelist": []}),
    "denied-kind": Case("object-denied", _restricted("namespaceResourceBlacklist", {"group": "*", "kind": "Config*"})),
    "allowed-kind": Case(project=_restricted("namespaceResourceWhitelist", {"group": "", "kind": "[A-D]*"})),
    "outside": Case("object-denied", objects=CONFIG + "  namespace: kube-public\n"),
    "no-namespace-to-make": Case("namespace-creation-denied", {"clusterResourceWhitelist": []}),
    "no-project": Case("application-project-undefined", application={"project": "ghost"}),
}


def test_argo_cd_denies_what_lint_says_that_it_will_deny(live: Live) -> None:
    repository = live.repository("public", "permits")
    bodies = {name: _write(repository, name, case) for name, case in CASES.items()}
    repository.write(".gitopsmith.yaml", f"repository:\n  urls:\n    - {repository.url}\n")
    repository.push("Begin")
    said = _lint(repository)
    denied = [name for name, case in CASES.items() if case.rule]
    with live.failing(*denied):
        for body in (pair[kind] for kind in (0, 1) for pair in bodies.values()):  # first all projects
            live.apply(body)
        start = time.monotonic()
        verdicts = {name: _verdict(live, name, start) for name in CASES}
        for name in CASES:
            live.api.request("DELETE", f"{PATH}/{name}")
            live.api.request("DELETE", f"{PROJECTS}/{name}")
    differ = sum(verdicts[name] != bool(said[name]) for name in CASES)
    live.report.record("projects: cases that lint and Argo CD judge differently", differ, 0, f"of {len(CASES)}", "")
    assert verdicts == {name: bool(case.rule) for name, case in CASES.items()}
    assert said == {name: {case.rule} - {""} for name, case in CASES.items()}


def _write(repository: Checkout, name: str, case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """Writes the files of a case, and returns its project and its Application."""
    repository.write(f"apps/{name}/objects.yaml", case.objects)
    allowed: dict[str, Any] = {
        "sourceRepos": ["@URL"],
        "destinations": [{"server": IN_CLUSTER, "namespace": "@NAME"}],
        "clusterResourceWhitelist": [NAMESPACES],
    }
    spec = {
        "project": "@NAME",
        "source": {"repoURL": "@URL", "path": "apps/@NAME", "targetRevision": "main"},
        "destination": {"server": IN_CLUSTER, "namespace": "@NAME"},
        "syncPolicy": {"automated": {}, "syncOptions": ["CreateNamespace=true"], "retry": {"limit": 0}},
    }
    project = _object(repository, "AppProject", name, allowed | dict(case.project))
    application = _object(repository, "Application", name, spec | dict(case.application))
    return project, application


def _object(repository: Checkout, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": name, "namespace": "argocd"}}
    host = repository.url.partition("/public/")[0]
    text = json.dumps({**body, "spec": spec}, indent=2)
    text = text.replace("@URL", repository.url).replace("@HOST", host).replace("@NAME", name)
    repository.write(f"argocd/{kind.lower()}s/{name}.yaml", text + "\n")
    found: dict[str, Any] = json.loads(text)
    return found


def _lint(repository: Checkout) -> dict[str, set[str]]:
    """Returns the rules with findings by the Applications that they are about."""
    rules = ("--select", ",".join(RULES))
    findings = json.loads(gitopsmith("lint", *rules, "--format", "json", "--fail-on", "never", cwd=repository.root))[
        "findings"
    ]
    return {name: {one["rule"] for one in findings if name in one["applications"]} for name in CASES}


def _verdict(live: Live, name: str, start: float) -> bool:
    """Waits for what Argo CD says to a case; returns whether it denies it."""
    found: dict[str, Any] = {}

    def is_known() -> bool:
        found.update(live.api.get(f"{PATH}/{name}").get("status", {}))
        return _denies(found) or found.get("operationState", {}).get("phase") == "Succeeded"

    live.wait(f"Argo CD's verdict on {name}", is_known, start, 240)
    return _denies(found)


def _denies(status: dict[str, Any]) -> bool:
    said = json.dumps([status.get("conditions"), status.get("operationState")])
    return re.search(DENIED, said) is not None
