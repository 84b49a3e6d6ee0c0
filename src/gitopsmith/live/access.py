"""The ways to an Argo CD: which one there is for this user, and what each of them can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from gitopsmith.finding import Failure
from gitopsmith.kubectl import find_kubectl
from gitopsmith.live import login
from gitopsmith.live.cluster import Cluster
from gitopsmith.live.server import Server

NAMESPACE = "argocd"
"""Where Argo CD lives unless somebody says otherwise, and Applications whose manifests name no namespace."""


class Access(Protocol):
    """What status and waiting need of an Argo CD. All raise Failure with the words of who refuses."""

    def check(self) -> None:
        """Raises Failure when there is no Argo CD, or it does not know this user."""

    def applications(self) -> list[Any]:
        """Returns the bodies of all Applications that this user may see."""

    def application(self, namespace: str, name: str) -> Any | None:
        """Returns the body of one Application, None where there is none."""

    def refresh(self, namespace: str, name: str) -> None:
        """Has Argo CD look at the newest commit."""

    def terminate(self, namespace: str, name: str) -> None:
        """Ends the operation that runs."""

    def sync(self, namespace: str, name: str, body: Any) -> None:
        """Starts a sync to the newest commit of the branch, with the settings of the Application's own."""


class Found(NamedTuple):
    """A way to an Argo CD, and why others that are set up were passed over."""

    access: Access
    passed: tuple[str, ...] = ()


def find(environment: Mapping[str, str], context: str = "", namespace: str = NAMESPACE) -> Found:
    """Finds a way that works: kubectl where a context is named, else Argo CD's API where a login for it is there.

    The variables ARGOCD_SERVER and ARGOCD_AUTH_TOKEN are meant when they are set, so that nothing else is tried then.
    Raises Failure with everything that was tried.
    """
    passed: list[str] = []
    if not context:
        known = login.find(environment)
        if known is not None:
            server = Server(known)
            try:
                server.check()
            except Failure as error:
                if known.is_named:
                    raise
                passed.append(str(error))
            else:
                return Found(server)
    try:
        cluster = Cluster(find_kubectl(context), namespace)
        cluster.check()
    except Failure as error:
        raise Failure("; ".join((*passed, str(error))), status=3) from error
    return Found(cluster, tuple(passed))
