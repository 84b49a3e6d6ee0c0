"""No secret stands on a container's command line.

What `command`, `args`, and the commands of probes and hooks hold is in git in plain text; in the cluster everybody
sees it who may read pods, and on the node every process that may list others. Put it into a variable from a Secret,
and write `$(NAME)` (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/).

Looked at: `--password=...`, `--password` with its value behind it, `PASSWORD=...` in a shell's text. Only the name
and the shape tell, so it is a warning; private keys, vendors' tokens and URLs with a password are the rule
`secret-token`.
Exempt: `$(NAME)`, placeholders, words and default passwords, numbers, paths, the names of objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import PROBES, WORKLOADS, containers

SEVERITY = Severity.ERROR
KINDS = WORKLOADS
COMMANDS = (
    ("command",),
    ("args",),
    *((probe, "exec", "command") for probe in PROBES),
    *(("lifecycle", hook, "exec", "command") for hook in ("postStart", "preStop")),
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in containers(resource):
        for where in COMMANDS:
            for index, found in _credentials(sequence(container, *where)):
                message = f"an argument is or holds {found.what} in plain text"
                hint = "take it from a Secret, as a variable or a file"
                yield Violation((*route, *where, index), f"{message}; {hint}", severity=found.severity)


def _credentials(arguments: list[Any]) -> Iterator[tuple[int, secrets.Credential]]:
    """Yields what stands in which argument; what shows by itself is another rule's."""
    names = {index: name for index, name, _ in secrets.options(arguments)}
    for index, argument in enumerate(arguments):
        if isinstance(argument, str) and not secrets.certain(argument):
            found = secrets.credential(names.get(index, ""), argument)
            if found:
                yield index, found


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      args:
        - --password=$(PASSWORD)
        - --token-file
        - /run/secrets/token
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      args:
        - --password=kD8vq2LxT0mZ  # <- here
        - --client-secret
        - kD8vq2LxT0mZ  # <- here
      livenessProbe:
        exec:
          command: [sh, -c, "PGPASSWORD=kD8vq2LxT0mZ psql -c 'select 1'"]  # <- here
"""
]
