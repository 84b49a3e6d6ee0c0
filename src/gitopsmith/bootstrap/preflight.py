"""Everything that can be known before the first change, so that all that is wrong is told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitopsmith import answers
from gitopsmith.answers import IN_CLUSTER, Answers
from gitopsmith.bootstrap import checkout, existing, install
from gitopsmith.bootstrap.checks import Check, Outcome, failed, passed, skipped, warned
from gitopsmith.bootstrap.credential import NAMESPACE, SECRET, Credential, decoded, from_secret
from gitopsmith.bootstrap.install import Install
from gitopsmith.finding import Failure
from gitopsmith.kubectl import Kubectl, find_kubectl, last_line
from gitopsmith.manifest import get, text
from gitopsmith.render.kustomize import Renderer, find_renderer
from gitopsmith.validate import kubernetes_versions

MONITORING = "monitoring.coreos.com/v1"
Tell = Callable[[Check], None]


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster that a context stands for."""

    kubectl: Kubectl
    server: str

    def __str__(self) -> str:
        return f"{self.kubectl.context} at {self.server}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the cluster says of itself."""

    served: frozenset[str]
    namespace: Any
    workloads: tuple[Any, ...]
    applications: tuple[Any, ...]
    registered: frozenset[str]
    secret: Any


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known once every check has been made. It is complete when none of them failed."""

    checks: tuple[Check, ...]
    target: Target | None
    install: Install | None
    credential: Credential | None
    cluster: Cluster | None

    @property
    def failures(self) -> int:
        return sum(check.outcome is Outcome.FAILED for check in self.checks)


def find_target(context: str) -> Target:
    """Finds kubectl, and what it would talk to. Raises Failure when there is no kubectl, or no such context."""
    asked = find_kubectl(context)
    try:
        view = json.loads(asked.ask("config", "view", "--minify", "--output=json"))
    except Failure as error:
        hint = "name one of `kubectl config get-contexts` by --context"
        raise Failure(f"{error}; {hint}", status=3) from error
    name = text(view, "contexts", 0, "name")
    server = text(view, "clusters", 0, "cluster", "server")
    if not name or not server:
        raise Failure("kubectl has no context to use; name one by --context, or set KUBECONFIG", status=3)
    return Target(Kubectl(asked.program, name), server)


def check(root: Path, given: Answers, target: Target | Failure, environment: Mapping[str, str], tell: Tell) -> Ready:
    """Makes every check that can be made, tells each at once, and changes nothing."""
    checks: list[Check] = []

    def note(*new: Check) -> None:
        checks.extend(new)
        for one in new:
            tell(one)

    rendered, said = _install(root)
    note(checkout.work_tree(root), said)
    cluster = None
    if isinstance(target, Failure):
        note(failed("context", target))
    else:
        note(passed("context", str(target)))
        said, reached = _version(target.kubectl, given)
        note(said)
        if reached:
            said, cluster = _look(target.kubectl)
            note(*_rights(target.kubectl), *([said] if said.outcome is Outcome.FAILED else []))
    if cluster is None:
        note(skipped("Argo CD", "not looked for: the cluster cannot be asked"))
    else:
        image = rendered.image if rendered else ""
        note(existing.judge(given.repo_url, cluster.namespace, cluster.workloads, cluster.applications, image))
        note(*_kinds(rendered, cluster, given), *_clusters(given, cluster))
    stored = from_secret(given.credential, cluster.secret) if cluster and given.credential != "none" else None
    said, credential = checkout.credential(given, environment, stored)
    note(said)
    if said.outcome is Outcome.FAILED:
        note(skipped("repository", "not asked: there is no credential to ask it with"))
    else:
        note(checkout.remote(root, given, credential, rendered.known_hosts if rendered else ""))
    return Ready(tuple(checks), target if isinstance(target, Target) else None, rendered, credential, cluster)


def _install(root: Path) -> tuple[Install | None, Check]:
    try:
        renderer: Renderer = find_renderer()
        found = install.render(root, renderer)
    except Failure as error:
        return None, failed("install", error)
    if not found.workloads:
        return None, failed("install", f"{install.PATH} renders no Argo CD: there is no Deployment in it")
    count = len(found.manifests)
    return found, passed("install", f"{install.PATH} renders {count} objects, {found.image} ({renderer})")


def _version(kubectl: Kubectl, given: Answers) -> tuple[Check, bool]:
    try:
        output = kubectl.run("version", "--output=json", "--request-timeout=15s", timeout=60)
        version = text(json.loads(output.stdout or b"{}"), "serverVersion", "gitVersion")
    except (Failure, ValueError) as error:
        return failed("API server", str(error)), False
    if output.status != 0 or not version:
        return failed("API server", f"it does not answer: {last_line(output.complaint)}"), False
    return _in_range(version, given), True


def _in_range(version: str, given: Answers) -> Check:
    """Judges the version of an API server by that of Argo CD, and by what the repository is linted for."""
    match = re.match(r"v?1\.(\d+)", version)
    minor = int(match[1]) if match else 0
    oldest = kubernetes_versions()[0]
    if minor < int(oldest.partition(".")[2]):
        return failed("API server", f"it is Kubernetes {version}; {oldest} is the oldest that gitopsmith knows")
    tested = answers.untested(given, minor)
    if tested:
        return warned("API server", f"it is Kubernetes {version}; {tested}")
    if f"1.{minor}" != given.kubernetes_version:
        return warned(
            "API server",
            f"it is Kubernetes {version}, and the repository is linted for {given.kubernetes_version}:"
            " set kubernetes in .gitopsmith.yaml",
        )
    return passed("API server", f"Kubernetes {version}")


def _rights(kubectl: Kubectl) -> list[Check]:
    output = kubectl.run("auth", "can-i", "*", "*", "--all-namespaces")
    if output.stdout.strip() == b"yes":
        return [passed("rights", "everything is allowed")]
    said = output.complaint or "the API server says no"
    return [failed("rights", f"Argo CD needs cluster roles, so installing it needs a cluster's administrator: {said}")]


def _look(kubectl: Kubectl) -> tuple[Check, Cluster | None]:
    labelled = ("--selector=app.kubernetes.io/part-of=argocd", "--all-namespaces")
    clusters = ("secrets", f"--namespace={NAMESPACE}", "--selector=argocd.argoproj.io/secret-type=cluster")
    try:
        found = Cluster(
            served=frozenset(kubectl.ask("api-versions").split()),
            namespace=kubectl.get("namespace", NAMESPACE),
            workloads=tuple(kubectl.items("deployments,statefulsets", *labelled)),
            applications=tuple(kubectl.items("applications.argoproj.io", f"--namespace={NAMESPACE}")),
            registered=frozenset(decoded(text(one, "data", "name")) for one in kubectl.items(*clusters)),
            secret=kubectl.get("secret", SECRET, f"--namespace={NAMESPACE}"),
        )
    except Failure as error:
        return failed("cluster", error), None
    return passed("cluster", ""), found


def _kinds(rendered: Install | None, cluster: Cluster, given: Answers) -> list[Check]:
    unserved = rendered.unserved(cluster.served) if rendered else {}
    found = [
        failed("kinds", f"the cluster does not serve {version}, which {example} in {install.PATH} is; install it first")
        for version, example in unserved.items()
    ]
    if given.monitoring == "prometheus-operator" and MONITORING not in cluster.served:
        found.append(
            warned(
                "kinds",
                f"the cluster does not serve {MONITORING}: monitoring cannot sync before prometheus-operator is there",
            )
        )
    return found


def _clusters(given: Answers, cluster: Cluster) -> list[Check]:
    return [
        warned(
            "clusters",
            f"{name} is not registered in Argo CD: its Applications cannot sync before"
            f" `argocd cluster add CONTEXT --name {name}`",
        )
        for name in given.clusters
        if name not in cluster.registered | {IN_CLUSTER}
    ]


def owner(secret: Any) -> str:
    """Returns what owns the repository Secret, such as ``SealedSecret/repository``; empty when bootstrap does."""
    reference = get(secret, "metadata", "ownerReferences", 0)
    return f"{text(reference, 'kind')}/{text(reference, 'name')}" if reference else ""
