"""Speaks to one cluster through the kubectl program, as the user of one context."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.tools import Output

FIELD_MANAGER = "argocd-controller"
"""Argo CD's own name for its server-side applies (``common.ArgoCDSSAManager``): what is applied with it before Argo CD
runs is Argo CD's from its first sync on, so that a field taken out of git goes from the cluster too."""
OWN_MANAGER = "gitopsmith"
"""The owner of what no file in git holds: the credential, the webhook's secret, and whose this Argo CD is."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """The kubectl program and the context that it uses; an empty one is the current one."""

    program: str
    context: str = ""

    def run(self, *arguments: str, stdin: bytes = b"", timeout: float = 60.0) -> Output:
        """Runs kubectl. Raises tools.TimedOut when the API server does not answer in time."""
        context = (f"--context={self.context}",) if self.context else ()
        return tools.run(self.program, *context, *arguments, stdin=stdin, timeout=timeout)

    def ask(self, *arguments: str, timeout: float = 60.0) -> str:
        """Returns what kubectl prints. Raises Failure with its complaint when it fails."""
        output = self.run(*arguments, timeout=timeout)
        if output.status != 0:
            raise Failure(f"kubectl {arguments[0]}: {last_line(output.complaint)}", status=3)
        return output.stdout.decode("utf-8", "replace")

    def get(self, *what: str) -> Any:
        """Returns one object or a List as JSON, None when there is no such object or not even its kind."""
        output = self.run("get", *what, "--ignore-not-found", "--output=json")
        if output.status != 0:
            if "the server doesn't have a resource type" in output.complaint:
                return None
            raise Failure(f"kubectl get {' '.join(what)}: {last_line(output.complaint)}", status=3)
        return json.loads(output.stdout) if output.stdout.strip() else None

    def items(self, *what: str) -> list[Any]:
        """Returns the objects of a List, none when their kind is not there."""
        found = self.get(*what)
        return list(found["items"]) if isinstance(found, dict) and isinstance(found.get("items"), list) else []

    def apply(self, text: str, manager: str = FIELD_MANAGER, *, secrets: Sequence[str] = ()) -> None:
        """Applies manifests on the server, and takes over whatever another manager owns.

        They reach kubectl by its stdin. Raises Failure with kubectl's complaint, without the words in ``secrets``.
        """
        output = self.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            f"--field-manager={manager}",
            "--filename=-",
            stdin=text.encode("utf-8", "surrogateescape"),
            timeout=300.0,
        )
        if output.status != 0:
            raise Failure(f"kubectl apply: {scrub(output.complaint, secrets)}", status=3)


def find_kubectl(context: str = "") -> Kubectl:
    """Finds the kubectl program, for a context. Raises Failure where there is none."""
    program = tools.find("kubectl")
    if program is None:
        raise Failure("kubectl is not on PATH; install it, or install gitopsmith[kustomize], which brings it", status=3)
    return Kubectl(program, context)


def last_line(text: str) -> str:
    """Returns the last line of a complaint, which is the one that says why."""
    return text.strip().rpartition("\n")[2] or "it failed and gave no reason"


def scrub(text: str, secrets: Sequence[str]) -> str:
    """Returns a text without secret words, whatever a program repeats in its complaint."""
    for secret in sorted((secret for secret in secrets if secret), key=len, reverse=True):
        text = text.replace(secret, "(secret)")
    return text
