"""Pods do not reach the container runtime of their node.

Whoever writes to the runtime's socket starts a privileged container on the node and is root there, past every check of
the API server; `readOnly` does not help, because it is about the file and not about what is sent through it
(https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html). The socket is reached through each
folder above it too.

Exempt: pods in `kube-system`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, runtime_sockets

SEVERITY = Severity.WARNING
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, path in runtime_sockets(resource) if resource.namespace != "kube-system" else ():
        message = f"through {path} a container of this pod is root on its node; do without it"
        yield Violation((*route, "path"), message)


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: builder
spec:
  containers:
    - name: builder
      image: shop/builder:1.4.2
  volumes:
    - name: runtime
      hostPath:
        path: %s
"""
GOOD = [POD % "/var/log", POD.replace("name: builder\nspec", "name: builder\n  namespace: kube-system\nspec") % "/run"]
BAD = [
    POD % "/var/run/docker.sock  # <- here",
    POD % "/run/containerd/containerd.sock  # <- here",
    POD % "/var/run/  # <- here",
]
