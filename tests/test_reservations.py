"""What a container asks of its node, with what a limit, the pod, a LimitRange or a VerticalPodAutoscaler adds."""

from __future__ import annotations

import pytest

from gitopsmith import reservations
from test_scaling import WEB, build

RANGE = """\
---
apiVersion: v1
kind: LimitRange
metadata: {name: usual}
spec:
  limits:
    - {type: Container, default: {cpu: 1}, defaultRequest: {memory: 64Mi}}
"""
ALL = {"requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}
VERTICAL = """\
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""


def web(resources: str, pod: str = "") -> str:
    return WEB.replace('1.4.2"}]', f'1.4.2", resources: {resources}}}]{pod}')


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (WEB, ALL),
        (web("{limits: {cpu: 1, memory: 1Gi}}"), set()),
        (web("{requests: {cpu: 1, memory: 1Gi}}"), {"limits.cpu", "limits.memory"}),
        (web("{}", ", resources: {limits: {memory: 1Gi}}"), {"requests.cpu", "limits.cpu"}),
        (WEB + RANGE, {"limits.memory"}),
        (WEB + RANGE.replace("usual", "usual, namespace: other"), ALL),
        (WEB + VERTICAL, {"limits.cpu", "limits.memory"}),
        (WEB + VERTICAL + "  updatePolicy: {updateMode: 'Off'}\n", ALL),
    ],
)  # fmt: skip
def test_what_a_container_lacks_is_what_nobody_gives_it(text: str, lacking: set[str]) -> None:
    asked = [(side, name) for side in ("requests", "limits") for name in ("cpu", "memory")]
    found = {f"{side}.{name}" for side, name in asked if list(reservations.without(build(text)[0], side, name))}
    assert found == lacking


@pytest.mark.parametrize(
    ("resources", "below"),
    [
        ("{requests: {cpu: 1000m}, limits: {cpu: 1}}", False),
        ("{requests: {cpu: 500m}, limits: {cpu: 1}}", True),
        ("{limits: {cpu: 1}}", False),
        ("{requests: {cpu: 1}}", True),
        ("{}", True),
    ],
)
def test_a_request_below_the_limit_is_told_by_its_amount(resources: str, below: bool) -> None:
    assert bool(list(reservations.below_limit(build(web(resources))[0], "cpu"))) is below
