"""Kinds of releases that fail, brought into the repository of the end-to-end suite as people would."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from e2e.live import Checkout
from e2e.watch import Seen

POD = """\
securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
"""
CONTAINER = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"
MIGRATION = f"""\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
spec:
  backoffLimit: 6
  activeDeadlineSeconds: 600
  template:
    metadata:
      labels: {{app: migrate}}
    spec:
      restartPolicy: OnFailure
      {POD.strip()}
      containers:
        - name: migrate
          image: registry.example.com/migrate:bad
          {CONTAINER}
"""
SIDECAR = """\
patches:
  - target:
      kind: Deployment
    patch: |-
      - op: add
        path: /spec/template/spec/containers/-
        value:
          name: agent
          image: registry.example.com/agent:bad
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""
WRONG = """\
  - target:
      kind: Deployment
    patch: |-
      - op: add
        path: /spec/minReadySeconds
        value: soon
"""
"""What the API server refuses; the overlays of the suite end with patches."""


class Kind(NamedTuple):
    """How a release fails, and what is waited for before it is rolled back: ``reached`` gets the bad commit.

    ``is_raced`` tells that others push to the same branch meanwhile.
    """

    title: str
    application: str
    spoil: Callable[[Checkout, str, str], str]
    reached: Callable[[Seen, str], bool]
    is_raced: bool = False


def _overlay(application: str, environment: str) -> str:
    return f"apps/{application}/overlays/{environment}/kustomization.yaml"


def _image(tag: str) -> Callable[[Checkout, str, str], str]:
    return lambda fleet, application, environment: fleet.release(application, environment, tag)


def _configuration(fleet: Checkout, application: str, environment: str) -> str:
    name = _overlay(application, environment)
    fleet.write(name, fleet.path(name).read_text(encoding="utf-8") + WRONG)
    return fleet.push(f"Wait longer for {application} in {environment}")


def _migration(fleet: Checkout, application: str, environment: str) -> str:
    fleet.write(f"apps/{application}/overlays/{environment}/migrate.yaml", MIGRATION)
    fleet.replace(_overlay(application, environment), "^  - ../../base$", "  - ../../base\n  - migrate.yaml")
    return fleet.release(application, environment, "2.0.0")


def _base(fleet: Checkout, application: str, _: str) -> str:
    name = f"apps/{application}/base/kustomization.yaml"
    fleet.write(name, fleet.path(name).read_text(encoding="utf-8") + SIDECAR)
    return fleet.push(f"Add an agent to {application}")


def _twice(fleet: Checkout, application: str, environment: str) -> str:
    fleet.release(application, environment, "bad-first")
    return fleet.release(application, environment, "bad-second")


def _failed(one: Seen, bad: str) -> bool:
    return one.revision == bad and one.health == "Degraded"


def _progresses(one: Seen, bad: str) -> bool:
    return one.revision == bad and one.health == "Progressing"


def _refused(one: Seen, bad: str) -> bool:
    return one.revision == bad and (one.has_failed or "ComparisonError" in one.said)


def _hooked(one: Seen, bad: str) -> bool:
    return one.phase == "Running" and one.revision == bad and "hook" in one.message


KINDS = (
    Kind("bad image, given up", "web", _image("bad-image"), _failed),
    Kind("crash loop, still progressing", "web", _image("broken"), _progresses),
    Kind("bad configuration, refused", "web", _configuration, _refused),
    Kind("migration hook that fails", "web", _migration, _hooked),
    Kind("base change", "web", _base, _failed),
    Kind("two commits since", "web", _twice, _failed),
    Kind("while other merges land", "web", _image("bad-raced"), _failed, is_raced=True),
    Kind("blocked on a wave", "shop", _image("bad-wave"), Seen.is_blocked_at),
    Kind("while it retries", "shop", _image("bad-retry"), Seen.is_retried_at),
    Kind("blocked, others land", "shop", _image("bad-both"), Seen.is_blocked_at, is_raced=True),
)
