"""Argo CD lets in whom somebody gave a right, and no one else.

Who may write to Argo CD may write to every cluster that it deploys to. `policy.default` is what everybody may who signs
in; `role:admin` there gives it to all. `users.anonymous.enabled` does not even ask for a name, `server.disable.auth`
switches off all checks, and `exec.enabled` opens a shell in any pod to who has the right `exec`, past every commit
(`docs/operator-manual/rbac.md` of Argo CD).

In the profile for production.
Exempt: `exec.enabled` where argocd-cm says so in an overlay of development, by a suppression with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
KINDS = frozenset({"ConfigMap"})
WIDE = {
    ("argocd-rbac-cm", "policy.default", "role:admin"): "everybody who signs in may do anything; write role:readonly",
    ("argocd-cm", "users.anonymous.enabled", "true"): "nobody has to sign in; remove it",
    ("argocd-cm", "exec.enabled", "true"): "whoever has the right exec gets a shell in any pod; remove it",
    ("argocd-cmd-params-cm", "server.disable.auth", "true"): "nobody is asked who they are; remove it",
}


def check_resource(resource: Resource) -> Iterator[Violation]:
    for (name, key, value), message in WIDE.items():
        if resource.name == name and str(resource.get("data", key)).lower() == value:
            yield Violation(("data", key), f"with {key}: {value} {message}")


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n"
GOOD = [
    CONFIG.format(name="argocd-rbac-cm") + "  policy.default: role:readonly\n",
    CONFIG.format(name="argocd-cm") + '  exec.enabled: "false"\n',
    CONFIG.format(name="web") + '  exec.enabled: "true"\n',
]
BAD = [
    CONFIG.format(name="argocd-rbac-cm") + "  policy.default: role:admin  # <- here\n",
    CONFIG.format(name="argocd-cm")
    + '  exec.enabled: "true"  # <- here\n  users.anonymous.enabled: "true"  # <- here\n',
    CONFIG.format(name="argocd-cmd-params-cm") + '  server.disable.auth: "true"  # <- here\n',
]
