"""A rollout waits for pods that say they are ready.

A rollout goes on, and Argo CD starts the next wave, as soon as the new pods are ready, which without a readiness probe
is when their process starts: a worker that cannot reach its queue replaces all the ones that could. An opinion, for
pods that no Service sends traffic to; those that serve are the rule `readiness-missing`.

Looked at: the containers that run as long as the pod, of which one with a probe is enough. Exempt: pods that run once,
Jobs and hooks, pods with a readiness gate, and a probe with which the pod has to start (`startupProbe`).
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import RUN_TO_COMPLETION, WORKLOADS, is_hook, long_running, pod_route, runs_once, services

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS - RUN_TO_COMPLETION - {"Pod"}
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    if route is None or is_hook(resource) or runs_once(resource) or get(resource.body, *route, "readinessGates"):
        return
    found = [container for _, container in long_running(resource)]
    probed = any(container.get("readinessProbe") or container.get("startupProbe") for container in found)
    if found and not probed and not services(resource):
        message = f"a rollout of {resource.kind} {resource.name!r} waits for nothing; add a readinessProbe"
        yield Violation((*route, "containers"), message)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
    spec:
      containers:%s
        - name: worker
          image: shop/worker:1.4.2
"""
GOOD = [DEPLOYMENT % "" + "          readinessProbe:\n            exec:\n              command: [worker, ready]\n"]
BAD = [DEPLOYMENT % "  # <- here"]
