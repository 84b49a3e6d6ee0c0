"""Argo CD through the Kubernetes API: its Applications, read and steered with kubectl as the user of one context."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from gitopsmith.finding import Failure
from gitopsmith.kubectl import Kubectl, last_line
from gitopsmith.live.reading import REFRESH, Seen
from gitopsmith.manifest import get, mapping, sequence

_API = "/apis/argoproj.io/v1alpha1"
_WHAT = "applications.argoproj.io"


@dataclass(frozen=True, slots=True)
class Cluster:
    """An Argo CD in a namespace of the cluster that a context of kubectl's stands for."""

    kubectl: Kubectl
    namespace: str

    def __str__(self) -> str:
        context = f"context {self.kubectl.context}" if self.kubectl.context else "its current context"
        return f"kubectl, {context}, namespace {self.namespace}"

    def check(self) -> None:
        output = self.kubectl.run("get", "--raw", f"{_API}?timeout=10s", "--request-timeout=10s", timeout=30)
        if output.status != 0:
            raise Failure(f"{self}: {_said(output.complaint)}", status=3)

    def applications(self) -> list[Any]:
        """Returns all Applications; where only some namespaces may be looked at, those beside Argo CD."""
        output = self.kubectl.run("get", "--raw", f"{_API}/applications")
        if output.status != 0:
            output = self.kubectl.run("get", "--raw", f"{_API}/namespaces/{self.namespace}/applications")
        if output.status != 0:
            raise Failure(f"{self}: {_said(output.complaint)}", status=3)
        return sequence(json.loads(output.stdout), "items")

    def application(self, namespace: str, name: str) -> Any | None:
        output = self.kubectl.run("get", "--raw", f"{_API}/namespaces/{namespace}/applications/{name}")
        if output.status == 0:
            return json.loads(output.stdout)
        if "(NotFound)" in output.complaint:
            return None
        raise Failure(f"{self}: {_said(output.complaint)}", status=3)

    def refresh(self, namespace: str, name: str) -> None:
        self._merge(namespace, name, {"metadata": {"annotations": {REFRESH: "normal"}}})

    def terminate(self, namespace: str, name: str) -> None:
        """Ends the operation that runs; Argo CD's own server writes the same (``server/application``)."""
        if Seen(self.application(namespace, name)).operation.phase == "Running":
            self._merge(namespace, name, {"status": {"operationState": {"phase": "Terminating"}}})

    def sync(self, namespace: str, name: str, body: Any) -> None:
        """Starts a sync by the field that Argo CD's own server sets for one (``util/argo``, ``SetAppOperation``)."""
        policy = mapping(body, "spec", "syncPolicy")
        asked: dict[str, Any] = {"prune": Seen(body).prunes, "syncOptions": sequence(policy, "syncOptions")}
        operation = {"initiatedBy": {"username": "gitopsmith"}, "sync": asked}
        retry = get(policy, "retry")
        self._merge(namespace, name, {"operation": operation | ({"retry": retry} if isinstance(retry, dict) else {})})

    def _merge(self, namespace: str, name: str, patch: dict[str, Any]) -> None:
        where = (f"--namespace={namespace}", "--type=merge", f"--patch={json.dumps(patch)}")
        self.kubectl.ask("patch", _WHAT, name, *where)


def _said(complaint: str) -> str:
    if "(NotFound)" in complaint or "could not find the requested resource" in complaint:
        return "there is no Argo CD in this cluster: it does not know Applications"
    return last_line(complaint)
