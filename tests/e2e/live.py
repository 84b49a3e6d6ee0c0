"""One sandbox with a generated repository on it, and what a person does with both."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from e2e.promises import Report
from e2e.watch import PATH, Seen, Watch
from gitopsmith.sandbox import State
from gitopsmith.sandbox.api import LOOPBACK, Api

PATIENT = "polled-"
"""How the Application is called that waits for polls."""


def run(*command: str, cwd: Path, environment: dict[str, str] | None = None, status: int | None = 0) -> str:
    """Runs a program and returns its stdout; fails with everything that it said when it ends otherwise."""
    done = subprocess.run(command, cwd=cwd, env=os.environ | (environment or {}), capture_output=True, check=False)
    said = done.stdout.decode("utf-8", "replace")
    if status is not None and done.returncode != status:
        pytest.fail(f"{' '.join(command)[:200]}: {done.returncode}\n{said}\n{done.stderr.decode('utf-8', 'replace')}")
    return said


def gitopsmith(*arguments: str, cwd: Path, environment: dict[str, str] | None = None, status: int | None = 0) -> str:
    path = {"PYTHONPATH": str(ROOT / "src")}
    command = (sys.executable, "-m", "gitopsmith", *arguments)
    return run(*command, cwd=cwd, environment=path | (environment or {}), status=status)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree, and the two ways in which its commits reach the host: with a webhook, and behind its back."""

    root: Path
    url: str
    bare: Path
    environment: dict[str, str] = field(repr=False)

    def git(self, *arguments: str) -> str:
        return run("git", *arguments, cwd=self.root, environment=self.environment).strip()

    def commit(self, message: str) -> str:
        """Commits everything as it lies here, and returns the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def push(self, message: str, *, quietly: bool = False) -> str:
        """Commits and pushes everything, and returns the commit."""
        commit = self.commit(message)
        self.git("push", "--quiet", f"file://{self.bare}" if quietly else self.url, "HEAD:main")
        return commit

    def path(self, name: str) -> Path:
        return self.root / name

    def write(self, name: str, content: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(content, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replaces what a pattern finds in a file; fails when it finds nothing."""
        found = self.path(name).read_text(encoding="utf-8")
        changed, count = re.subn(old, new, found, flags=re.MULTILINE)
        assert count, f"{old} is not in {name}:\n{found}"
        self.write(name, changed)

    def release(self, application: str, environment: str, tag: str) -> str:
        """Deploys a version as a person or a bot would: by the lines of the overlay; pushes, and returns the commit."""
        name = f"apps/{application}/overlays/{environment}/kustomization.yaml"
        self.replace(name, r"newTag: .*(\n +digest: .*)?", f'newTag: "{tag}"')
        if self.path(later := f"apps/{application}/overlays/{environment}/later.yaml").exists():
            self.replace(later, r"release: .*", f'release: "{tag}"')
        return self.push(f"Deploy {application} {tag} to {environment}")

    def restore(self, application: str, environment: str, *, quietly: bool = False) -> str:
        """Rolls back as ``docs/rollback.md`` says; pushes, and returns the commit."""
        path = f"apps/{application}/overlays/{environment}"
        good = self.git("log", "--first-parent", "--skip=1", "-1", "--format=%h", "--", path)
        self.git("restore", f"--source={good}", "--staged", "--worktree", "--", path)
        return self.push(f"Roll back {application} in {environment} to {good}", quietly=quietly)


@dataclass(frozen=True, slots=True)
class Live:
    """A sandbox in which Argo CD runs a repository. ``spoiled`` are Applications that were to fail on purpose."""

    name: str
    folder: Path
    state: State
    api: Api
    watch: Watch
    fleet: Checkout
    report: Report
    spoiled: set[str] = field(default_factory=set)

    def application(self, name: str) -> Seen:
        found = self.watch.now.get(name)
        return found if found is not None else pytest.fail(f"there is no Application {name}")

    def until(
        self, name: str, is_so: Callable[[Seen], bool], since: float | None = None, timeout: float = 180
    ) -> float:
        """Waits for an Application to be so; returns the seconds since a moment, else since the call."""
        start = time.monotonic() if since is None else since
        return self.watch.until(lambda now: name in now and is_so(now[name]), start, timeout)

    def until_done(self, name: str, revision: str, since: float | None = None, timeout: float = 180) -> float:
        return self.until(name, lambda one: one.is_done_at(revision), since, timeout)

    def until_runs(self, name: str, revision: str, tag: str, since: float, timeout: float = 180) -> float:
        """Waits for an Application to run an image's tag, and to be done with it; what it says is old for a moment."""
        self.wait(f"{name} at {tag}", lambda: self.tags(name) == {tag}, since, timeout)
        return self.until_done(name, revision, since, timeout)

    def tags(self, name: str) -> set[str]:
        """Returns the tags of the images in the Deployment of an Application."""
        containers = self.deployment(name, name.rpartition("-")[0])["spec"]["template"]["spec"]["containers"]
        return {one["image"].partition("@")[0].rpartition(":")[2] for one in containers}

    def until_all_done(self, since: float | None = None, timeout: float = 300) -> float:
        start = time.monotonic() if since is None else since
        # What waits for polls in the meantime fails on purpose.
        mine = (PATIENT,)
        return self.watch.until(
            lambda now: all(one.is_done for one in now.values() if not one.name.startswith(mine)), start, timeout
        )

    def wait(self, what: str, is_so: Callable[[], Any], since: float | None = None, timeout: float = 180) -> float:
        """Waits for something that is no Application's state."""
        start = time.monotonic() if since is None else since
        end = time.monotonic() + timeout
        while not is_so():
            if time.monotonic() > end:
                pytest.fail(f"{what}: not so after {timeout:g} s")
            time.sleep(0.1)
        return time.monotonic() - start

    def merge(self, path: str, body: dict[str, Any]) -> None:
        self.api.request("PATCH", path, body, "application/merge-patch+json")

    def refresh(self, name: str) -> None:
        annotations = {"argocd.argoproj.io/refresh": "normal"}
        self.merge(f"{PATH}/{name}", {"metadata": {"annotations": annotations}})

    def deployment(self, namespace: str, name: str) -> Any:
        return self.api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")

    def apply(self, body: dict[str, Any]) -> None:
        """Applies an object of Argo CD's, or a Secret, to its namespace."""
        kinds = {"Application": "applications", "AppProject": "appprojects", "Secret": "secrets"}
        group = "/api/v1" if body["apiVersion"] == "v1" else f"/apis/{body['apiVersion']}"
        self.api.apply(f"{group}/namespaces/argocd/{kinds[body['kind']]}/{body['metadata']['name']}", body)

    def repository(self, part: str, name: str) -> Checkout:
        """Makes an empty repository at the host, beside that of the fleet."""
        root = self.folder / "work" / name
        root.mkdir(parents=True)
        url = f"https://{LOOPBACK}:{self.state.ports['git']}/{part}/{name}.git"
        made = Checkout(root, url, self.folder / "git" / part / f"{name}.git", self.fleet.environment)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    def elsewhere(self, name: str, url: str, **spec: Any) -> dict[str, Any]:
        """Returns an Application of another repository, in a project that allows everything, synced as a team's is."""
        policy = self.api.get(f"{PATH}/web-dev")["spec"]["syncPolicy"]
        anything: dict[str, Any] = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
        anything["clusterResourceWhitelist"] = [{"group": "", "kind": "Namespace"}]
        self.apply(_object("AppProject", "elsewhere", anything))
        source = {"repoURL": url, "path": ".", "targetRevision": "main"}
        destination = {"server": "https://kubernetes.default.svc", "namespace": name}
        return _object(
            "Application",
            name,
            {"project": "elsewhere", "source": source, "destination": destination, "syncPolicy": policy, **spec},
        )

    def syncs(self) -> dict[str, dict[str, float]]:
        """Returns how often the operations of each Application have ended in which phase, as Argo CD counts them."""
        text = _metrics(self.state.ports["controller-metrics"])
        found: dict[str, dict[str, float]] = {}
        for labels, value in re.findall(r"^argocd_app_sync_total\{(.*)\} (\S+)$", text, re.MULTILINE):
            name, phase = (re.search(rf'(?:^|,){key}="([^"]*)"', labels) for key in ("name", "phase"))
            assert name is not None
            assert phase is not None
            counts = found.setdefault(name[1], {})
            counts[phase[1]] = counts.get(phase[1], 0) + float(value)
        return found

    @contextlib.contextmanager
    def failing(self, *names: str) -> Iterator[None]:
        """Says that Applications fail on purpose, so that they do not count among good changes."""
        self.spoiled.update(names)
        yield


def _object(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "argocd"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _metrics(port: int) -> str:
    import urllib.request

    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=10) as answer:
        found: bytes = answer.read()
    return found.decode()
