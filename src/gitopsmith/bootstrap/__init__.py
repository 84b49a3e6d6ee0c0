"""Brings a generated repository to life on a cluster, once, in the order that Argo CD needs.

Every step leaves the cluster in a state from which the whole can be run again. What Argo CD keeps by itself by then is
left to it: an Argo CD that runs is not installed once more, and objects that it tracks are not applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import answers
from gitopsmith.answers import Answers
from gitopsmith.bootstrap import existing, preflight, progress, steps
from gitopsmith.bootstrap.credential import NAMESPACE, SECRET, Credential
from gitopsmith.bootstrap.install import PATH, Install
from gitopsmith.bootstrap.preflight import Cluster, Ready, Target, Tell, find_target, owner
from gitopsmith.bootstrap.steps import Clock, Say
from gitopsmith.finding import Failure
from gitopsmith.kubectl import Kubectl

__all__ = ["Options", "Ready", "Target", "check", "farewell", "find_target", "load", "plan", "run"]

FILES = ("bootstrap/projects.yaml", "bootstrap/root.yaml")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``timeout`` is in seconds, for everything; ``external`` is an Argo CD that runs as no pod."""

    timeout: float = 900.0
    external: bool = False


def load(root: Path) -> Answers:
    """Reads what a repository was made from. Raises Failure when it was not made by gitopsmith."""
    path = root / answers.FILE_NAME
    if not path.is_file():
        raise Failure(f"{path} is missing; bootstrap works on a repository made by `gitopsmith new`")
    return answers.read(path)


def check(root: Path, given: Answers, context: str, environment: Mapping[str, str], tell: Tell) -> Ready:
    """Makes all checks, tells each, and changes nothing."""
    try:
        target: Target | Failure = find_target(context)
    except Failure as error:
        target = error
    return preflight.check(root, given, target, environment, tell)


def plan(root: Path, given: Answers, ready: Ready, options: Options) -> list[str]:
    """Returns what a run would do, one line a step."""
    wanted, cluster = ready.install or Install(()), ready.cluster
    if cluster is not None and existing.manages_itself(cluster.applications):
        lines = [f"leave Argo CD to itself when it runs, else apply {PATH} again"]
    else:
        first = f"namespace {NAMESPACE} and {len(wanted.definitions)} definitions"
        lines = [f"apply {PATH}: {first}, then {len(wanted.rest)} objects"]
    if not options.external:
        lines.append(f"wait until {len(wanted.workloads)} workloads of Argo CD are available")
    if ready.credential is not None:
        lines.append(f"write Secret {NAMESPACE}/{SECRET} for {given.repo_url}, from {ready.credential.source}")
    if given.argocd_host:
        lines.append(f"make {_webhook_key(given)} in Secret {NAMESPACE}/argocd-secret, unless it is there")
    lines += [f"apply {name}: {', '.join(steps.names(root / name))}" for name in FILES]
    return [*lines, f"wait until every Application is Synced and Healthy, {options.timeout:g} s in all at most"]


def run(root: Path, given: Answers, ready: Ready, options: Options, say: Say) -> list[str]:
    """Makes all steps, and tells each; returns a line for each Application that is not Synced and Healthy in time.

    Raises Failure when a step cannot be made, or Argo CD's own workloads do not run in time.
    """
    if ready.failures or ready.target is None or ready.install is None or ready.cluster is None:
        raise Failure("nothing was changed: not every check has passed", status=1)
    at = _Run(ready.target.kubectl, given, ready.install, ready.credential, ready.cluster, Clock(options.timeout), say)
    _install(at, options)
    installed = at.clock.elapsed
    _secrets(at)
    for name in FILES:
        at.tell(f"{name}: {_declared(*steps.declare(at.kubectl, root / name))}")
    steps.refresh(at.kubectl, [state.name for state in progress.states(at.cluster.applications)])
    roots = [f"platform-{name}" for name in given.clusters]
    now = steps.wait_for_applications(at.kubectl, roots, at.clock, at.tell)
    left = progress.remaining(now, roots)
    seconds = f"Argo CD {installed:.0f} s, the rest {at.clock.elapsed - installed:.0f} s"
    done = sum(state.done for state in now)
    at.tell(f"{done} of {done + len(left)} Applications are Synced and Healthy ({seconds})")
    return left


@dataclass(frozen=True, slots=True)
class _Run:
    """What every step of one run needs."""

    kubectl: Kubectl
    given: Answers
    wanted: Install
    credential: Credential | None
    cluster: Cluster
    clock: Clock
    say: Say

    def tell(self, line: str) -> None:
        self.say(f"{self.clock.elapsed:5.0f} s  {line}")


def _install(at: _Run, options: Options) -> None:
    steps.claim(at.kubectl, at.given.repo_url)
    runs = options.external or steps.is_available(at.kubectl, at.wanted.workloads)
    if runs and existing.manages_itself(at.cluster.applications):
        at.tell(f"{PATH}: left to Argo CD, which runs and keeps itself")
        return
    at.tell(f"{PATH}: applying {len(at.wanted.manifests)} objects")
    steps.install(at.kubectl, at.wanted, at.clock)
    if not options.external:
        steps.wait_for_workloads(at.kubectl, at.wanted.workloads, at.clock, at.tell)


def _secrets(at: _Run) -> None:
    where = f"Secret {NAMESPACE}/{SECRET}"
    keeper = owner(at.cluster.secret)
    if at.credential is not None and keeper:
        at.tell(f"{where}: left to {keeper}, which keeps it")
    elif at.credential is not None and at.credential.source == where:
        at.tell(f"{where}: kept as it is")
    elif at.credential is not None:
        steps.store(at.kubectl, at.credential)
        at.tell(f"{where}: written from {at.credential.source}")
    if at.given.argocd_host:
        key = _webhook_key(at.given)
        made = steps.webhook(at.kubectl, key)
        at.tell(f"{key} in Secret {NAMESPACE}/argocd-secret: {'made' if made else 'kept as it is'}")


def _declared(applied: list[str], left: list[str]) -> str:
    said = {"applied": applied, "left to Argo CD": left}
    return "; ".join(f"{word} {', '.join(names)}" for word, names in said.items() if names)


def _webhook_key(given: Answers) -> str:
    return f"webhook.{given.ci}.secret"


def farewell(given: Answers, context: str) -> list[str]:
    """Returns how to get in, and how to tell the repository's host of Argo CD."""
    get = f"kubectl --context={context} --namespace={NAMESPACE} get secret"
    lines = []
    if given.argocd_host:
        lines.append(f"Argo CD: https://{given.argocd_host}")
    else:
        lines.append(
            f"Argo CD: kubectl --context={context} --namespace={NAMESPACE} port-forward service/argocd-server 8443:443,"
            " then https://localhost:8443"
        )
    if not given.oidc_issuer:
        lines.append(
            f"Password of admin: {get} argocd-initial-admin-secret --output=jsonpath='{{.data.password}}' | base64 -d"
        )
    if given.argocd_host:
        path = _webhook_key(given).replace(".", "\\.")
        lines.append(
            f"Webhook: https://{given.argocd_host}/api/webhook, content type application/json, with the secret of"
        )
        lines.append(f"  {get} argocd-secret --output=jsonpath='{{.data.{path}}}' | base64 -d")
    return lines
