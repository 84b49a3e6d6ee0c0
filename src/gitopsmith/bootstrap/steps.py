"""The single steps, each of which can be made again on a cluster that it was made on already."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitopsmith import documents
from gitopsmith.bootstrap import existing, progress
from gitopsmith.bootstrap.credential import NAMESPACE, Credential, manifest
from gitopsmith.bootstrap.install import Install, Manifest, available, parse, stream
from gitopsmith.bootstrap.progress import State
from gitopsmith.finding import Failure
from gitopsmith.kubectl import OWN_MANAGER, Kubectl, last_line
from gitopsmith.live.reading import REFRESH
from gitopsmith.manifest import items, mapping, text

TRACKING = "argocd.argoproj.io/tracking-id"
"""What Argo CD writes on each object that it deployed."""
POLL = 2.0
"""Seconds between two looks at the cluster."""
Say = Callable[[str], None]


class Clock:
    """How long a run has taken, and how much of its time is left, in seconds."""

    def __init__(self, timeout: float) -> None:
        self._start = time.monotonic()
        self._timeout = timeout

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def is_over(self) -> bool:
        return self.elapsed >= self._timeout

    def pause(self) -> None:
        """Waits until the next look at the cluster is due, and no longer than there is time."""
        time.sleep(max(0.0, min(POLL, self._timeout - self.elapsed)))


def claim(kubectl: Kubectl, url: str) -> None:
    """Makes the namespace, and writes on it which repository its Argo CD comes from."""
    metadata = {"name": NAMESPACE, "annotations": {existing.ANNOTATION: url}}
    kubectl.apply(json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}), OWN_MANAGER)


def install(kubectl: Kubectl, wanted: Install, clock: Clock) -> None:
    """Applies Argo CD: the definitions of its kinds, and once they are served, everything else."""
    kubectl.apply(stream(wanted.first))
    _wait_for_kinds(kubectl, wanted.own, clock)
    kubectl.apply(stream(wanted.rest))


def _wait_for_kinds(kubectl: Kubectl, wanted: Mapping[str, frozenset[str]], clock: Clock) -> None:
    """Waits until the API server serves new kinds; `kubectl wait` fails on a definition that has no condition yet."""
    while missing := [version for version, names in wanted.items() if not names <= _served(kubectl, version)]:
        if clock.is_over:
            raise Failure(f"after {clock.elapsed:.0f} s the API server does not serve {', '.join(missing)}", status=1)
        clock.pause()


def _served(kubectl: Kubectl, version: str) -> frozenset[str]:
    output = kubectl.run("get", f"--raw=/apis/{version}")
    found = json.loads(output.stdout) if output.status == 0 else None
    return frozenset(text(one, "name") for _, one in items(found, "resources"))


def wait_for_workloads(kubectl: Kubectl, wanted: Sequence[str], clock: Clock, say: Say) -> None:
    """Waits until all of Argo CD runs. Raises Failure that says of each pod why it does not, when the time is over."""
    told: frozenset[str] = frozenset()
    while True:
        running = _running(kubectl) & frozenset(wanted)
        for name in sorted(running - told):
            say(f"{name} is available")
        told |= running
        missing = sorted(frozenset(wanted) - running)
        if not missing:
            return
        if clock.is_over:
            reasons = "".join(f"\n  {line}" for line in _pods(kubectl))
            raise Failure(f"after {clock.elapsed:.0f} s these do not run: {', '.join(missing)}{reasons}", status=1)
        clock.pause()


def _running(kubectl: Kubectl) -> frozenset[str]:
    live = kubectl.items("deployments,statefulsets", f"--namespace={NAMESPACE}")
    return frozenset(f"{text(one, 'kind')}/{text(one, 'metadata', 'name')}" for one in live if available(one))


def _pods(kubectl: Kubectl) -> list[str]:
    found = kubectl.items("pods", f"--namespace={NAMESPACE}")
    return [f"{text(pod, 'metadata', 'name')}: {reason}" for pod in found if (reason := waiting_reason(pod))]


def waiting_reason(pod: Any) -> str:
    """Returns why a pod does not run: the scheduler's word, or that of its first container that waits."""
    for _, condition in items(pod, "status", "conditions"):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return text(condition, "message") or text(condition, "reason")
    for kind in ("initContainerStatuses", "containerStatuses"):
        for _, container in items(pod, "status", kind):
            waiting = mapping(container, "state", "waiting")
            if waiting.get("reason") not in {None, "PodInitializing", "ContainerCreating"}:
                return f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
    return ""


def is_available(kubectl: Kubectl, wanted: Sequence[str]) -> bool:
    """Tells whether all of Argo CD runs at this moment."""
    return frozenset(wanted) <= _running(kubectl)


def store(kubectl: Kubectl, credential: Credential) -> None:
    """Writes the repository Secret; its values reach kubectl by stdin, and no annotation of the Secret."""
    kubectl.apply(manifest(credential), OWN_MANAGER, secrets=credential.secrets)


def webhook(kubectl: Kubectl, key: str) -> bool:
    """Makes the secret that a webhook's sender signs with, unless there is one; tells whether it did."""
    if mapping(kubectl.get("secret", "argocd-secret", f"--namespace={NAMESPACE}"), "data").get(key):
        return False
    value = base64.b64encode(secrets.token_urlsafe(32).encode()).decode()
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "argocd-secret", "namespace": NAMESPACE},
        "data": {key: value},
    }
    kubectl.apply(json.dumps(body), OWN_MANAGER, secrets=(value,))
    return True


def declare(kubectl: Kubectl, path: Path) -> tuple[list[str], list[str]]:
    """Applies the objects of a file, but for those that Argo CD keeps already; returns the names of both.

    What Argo CD keeps carries its tracking annotation, which is in no file: applying it again would take that away.
    """
    applied: list[Manifest] = []
    left: list[Manifest] = []
    for one in _manifests(path):
        group = text(one.body, "apiVersion").partition("/")[0]
        live = kubectl.get(f"{one.kind.lower()}.{group}", one.name, f"--namespace={NAMESPACE}")
        (left if mapping(live, "metadata", "annotations").get(TRACKING) else applied).append(one)
    if applied:
        kubectl.apply(stream(tuple(applied)))
    return [f"{one.kind}/{one.name}" for one in applied], [f"{one.kind}/{one.name}" for one in left]


def names(path: Path) -> list[str]:
    """Returns the objects of a file, as ``AppProject/default``."""
    return [f"{one.kind}/{one.name}" for one in _manifests(path)]


def _manifests(path: Path) -> tuple[Manifest, ...]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    problems = documents.read(data).problems
    if problems:
        raise Failure(f"{path}:{problems[0].line}: {problems[0].message}")
    return parse(data.decode("utf-8", "surrogateescape")).manifests


def refresh(kubectl: Kubectl, applications: Sequence[str]) -> None:
    """Asks Argo CD to look at Applications now, so that what it says of them is not about an older commit."""
    if applications:
        annotate = ("annotate", "applications.argoproj.io", *applications, f"--namespace={NAMESPACE}")
        output = kubectl.run(*annotate, f"{REFRESH}=normal", "--overwrite")
        if output.status != 0 and "not found" not in output.complaint:
            raise Failure(f"kubectl annotate: {last_line(output.complaint)}", status=3)


def wait_for_applications(kubectl: Kubectl, roots: Iterable[str], clock: Clock, say: Say) -> tuple[State, ...]:
    """Waits until every Application is Synced and Healthy, or the time is over; returns how they are then.

    An API server that does not answer for a while, as during its own upgrade, ends the wait only when the time is over.
    """
    before: tuple[State, ...] = ()
    wanted = tuple(roots)
    while True:
        try:
            now = progress.states(kubectl.items("applications.argoproj.io", f"--namespace={NAMESPACE}"))
        except Failure:
            if clock.is_over:
                raise
            now = before
        for line in progress.changes(before, now):
            say(line)
        if progress.all_done(now, wanted) or clock.is_over:
            return now
        before = now
        clock.pause()
