"""How many pods there are at the least, and who speaks of them, as far as one build tells."""

from __future__ import annotations

import pytest

from gitopsmith import documents, scaling
from gitopsmith.manifest import Resource

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "shop/web:1.4.2"}]}
"""
HPA = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 9
"""
KEDA = """\
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 0
"""
BUDGET = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 1
  selector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}
"""


def build(text: str) -> tuple[Resource, ...]:
    bodies = [document.body for document in documents.read(text.encode()).documents]
    alone = tuple(Resource(body) for body in bodies)
    return tuple(Resource(body, siblings=alone) for body in bodies)


@pytest.mark.parametrize(
    ("text", "fewest"),
    [
        (WEB, 3),
        (WEB.replace("replicas: 3", "replicas: null"), 1),
        (WEB.replace("replicas: 3", "replicas: 0"), 0),
        (WEB.replace("replicas: 3", "replicas: ${REPLICAS}"), None),
        (WEB + HPA, 1),
        (WEB + HPA + "  minReplicas: 2\n", 2),
        (WEB + HPA + "  minReplicas: $(MINIMUM)\n", None),
        (WEB + KEDA, 1),
        (WEB + HPA.replace("name: web}\n  max", "name: api}\n  max"), 3),
        (WEB + HPA.replace("metadata: {name: web}", "metadata: {name: web, namespace: other}"), 3),
    ],
)
def test_the_fewest_pods_are_those_of_the_autoscaler_where_there_is_one(text: str, fewest: int | None) -> None:
    assert scaling.fewest(build(text)[0]) == fewest


def test_a_budget_and_the_pods_that_it_speaks_of_find_each_other() -> None:
    workload, budget = build(WEB + BUDGET)
    assert [one.kind for one in scaling.budgets(workload)] == ["PodDisruptionBudget"]
    assert [one.kind for one in scaling.protected(budget)] == ["Deployment"]


@pytest.mark.parametrize(
    ("selector", "speaks"),
    [("{}", True), ("null", False), ("{matchLabels: {app: api}}", False), ("{matchLabels: {app: web}}", True)],
)
def test_an_empty_selector_picks_everything_and_none_picks_nothing(selector: str, speaks: bool) -> None:
    budget = BUDGET.partition("  selector")[0] + f"  selector: {selector}\n"
    assert bool(scaling.budgets(build(WEB + budget)[0])) is speaks
