"""Which changes the API server refuses: the linter's answers, and those of a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest

from apiserver import ApiServer, running
from gitopsmith.application import Application
from gitopsmith.applied import Delivery, Manifest
from gitopsmith.diff.highlighting import Compared
from gitopsmith.diff.refusing import refusals
from gitopsmith.manifest import Resource

LABELS = {"app": "web"}
POD = {"containers": [{"name": "web", "image": "registry.example.com/web:1.0"}]}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD}
JOB_TEMPLATE = {"spec": {**POD, "restartPolicy": "Never"}}


def _object(kind: str, api_version: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, **fields}


def _claim(**spec: Any) -> dict[str, Any]:
    resources = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec}}


DEPLOYMENT = _object("Deployment", "apps/v1", spec={"selector": {"matchLabels": LABELS}, "template": TEMPLATE})
DAEMONS = {**DEPLOYMENT, "kind": "DaemonSet"}
STATEFUL = _object(
    "StatefulSet",
    "apps/v1",
    spec={
        "selector": {"matchLabels": LABELS},
        "serviceName": "web",
        "template": TEMPLATE,
        "volumeClaimTemplates": [_claim()],
    },
)
JOB = _object("Job", "batch/v1", spec={"template": JOB_TEMPLATE})
CLAIM = {**_claim(storageClassName="fast"), "apiVersion": "v1", "kind": "PersistentVolumeClaim"}
SERVICE = _object("Service", "v1", spec={"clusterIP": "None", "ports": [{"port": 80}], "selector": LABELS})
SECRET = _object("Secret", "v1", type="Opaque", data={"name": "d2Vi"})
FROZEN = _object("ConfigMap", "v1", data={"name": "web"}, immutable=True)
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
BINDING = _object("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef=ROLE)
STORAGE = _object("StorageClass", "storage.k8s.io/v1", provisioner="example.com/disk", parameters={"type": "fast"})
PRIORITY = _object("PriorityClass", "scheduling.k8s.io/v1", value=10)
INGRESS = _object("IngressClass", "networking.k8s.io/v1", spec={"controller": "example.com/web"})


class Case(NamedTuple):
    """An object, the route of a field, what is written there (None: nothing any more), and whether it is refused."""

    body: dict[str, Any]
    route: tuple[str | int, ...]
    value: Any
    refused: bool


CASES = {
    "selector of a Deployment": Case(DEPLOYMENT, ("spec", "selector", "matchLabels", "tier"), "front", True),
    "image of a Deployment": Case(DEPLOYMENT, ("spec", "template", "spec", "containers", 0, "image"), "web:2.0", False),
    "replicas of a Deployment": Case(DEPLOYMENT, ("spec", "replicas"), 3, False),
    "selector of a DaemonSet": Case(DAEMONS, ("spec", "selector", "matchLabels", "tier"), "front", True),
    "selector of a StatefulSet": Case(STATEFUL, ("spec", "selector", "matchLabels", "tier"), "front", True),
    "service of a StatefulSet": Case(STATEFUL, ("spec", "serviceName"), "other", True),
    "service of a StatefulSet taken away": Case(STATEFUL, ("spec", "serviceName"), None, True),
    "pod management": Case(STATEFUL, ("spec", "podManagementPolicy"), "Parallel", True),
    "pod management as it is by default": Case(STATEFUL, ("spec", "podManagementPolicy"), "OrderedReady", False),
    "size in a claim's template": Case(STATEFUL, ("spec", "volumeClaimTemplates"), [_claim(volumeName="x")], True),
    "label of a claim's template": Case(
        STATEFUL, ("spec", "volumeClaimTemplates", 0, "metadata", "labels"), LABELS, True
    ),
    "volume mode of a claim's template as it is by default": Case(
        STATEFUL, ("spec", "volumeClaimTemplates"), [_claim(volumeMode="Filesystem")], False
    ),
    "claims' templates taken away": Case(STATEFUL, ("spec", "volumeClaimTemplates"), None, True),
    "update strategy": Case(STATEFUL, ("spec", "updateStrategy"), {"rollingUpdate": {"partition": 1}}, False),
    "history": Case(STATEFUL, ("spec", "revisionHistoryLimit"), 3, False),
    "image of a Job": Case(JOB, ("spec", "template", "spec", "containers", 0, "image"), "web:2.0", True),
    "completion mode": Case(JOB, ("spec", "completionMode"), "NonIndexed", False),
    "parallelism": Case(JOB, ("spec", "parallelism"), 2, False),
    "deadline of a Job": Case(JOB, ("spec", "activeDeadlineSeconds"), 60, False),
    "access modes": Case(CLAIM, ("spec", "accessModes"), ["ReadWriteMany"], True),
    "storage class": Case(CLAIM, ("spec", "storageClassName"), "slow", True),
    "volume mode": Case(CLAIM, ("spec", "volumeMode"), "Block", True),
    "volume mode as it is by default": Case(CLAIM, ("spec", "volumeMode"), "Filesystem", False),
    "label of a claim": Case(CLAIM, ("metadata", "labels"), LABELS, False),
    "cluster address": Case(SERVICE, ("spec", "clusterIP"), "10.0.0.77", True),
    "port of a Service": Case(SERVICE, ("spec", "ports", 0, "port"), 81, False),
    "type of a Secret": Case(SECRET, ("type",), "example.com/token", True),
    "type of a Secret taken away": Case(SECRET, ("type",), None, False),
    "data of a Secret": Case(SECRET, ("data", "name"), "YXBp", False),
    "data of what does not change": Case(FROZEN, ("data", "name"), "api", True),
    "what does not change is let go": Case(FROZEN, ("immutable",), False, True),
    "label of what does not change": Case(FROZEN, ("metadata", "labels"), LABELS, False),
    "role of a binding": Case(BINDING, ("roleRef", "name"), "edit", True),
    "subjects of a binding": Case(
        BINDING, ("subjects",), [{"kind": "ServiceAccount", "name": "web", "namespace": "default"}], False
    ),
    "parameters": Case(STORAGE, ("parameters", "type"), "slow", True),
    "provisioner": Case(STORAGE, ("provisioner",), "example.com/tape", True),
    "what becomes of volumes": Case(STORAGE, ("reclaimPolicy",), "Retain", True),
    "what becomes of volumes by default": Case(STORAGE, ("reclaimPolicy",), "Delete", False),
    "when volumes are bound": Case(STORAGE, ("volumeBindingMode",), "WaitForFirstConsumer", True),
    "larger volumes": Case(STORAGE, ("allowVolumeExpansion",), True, False),
    "value of a priority": Case(PRIORITY, ("value",), 20, True),
    "preemption": Case(PRIORITY, ("preemptionPolicy",), "Never", True),
    "description of a priority": Case(PRIORITY, ("description",), "the web", False),
    "controller of an ingress class": Case(INGRESS, ("spec", "controller"), "example.com/other", True),
}


def _changed(case: Case) -> dict[str, Any]:
    body: Any = deepcopy(case.body)
    *parents, last = case.route
    holder = body
    for key in parents:
        holder = holder.setdefault(key, {}) if isinstance(key, str) else holder[key]
    if case.value is None:
        del holder[last]
    else:
        holder[last] = case.value
    if case.route[:2] == ("spec", "selector"):
        body["spec"]["template"]["metadata"]["labels"] = body["spec"]["selector"]["matchLabels"]
    return body  # type: ignore[no-any-return] # it is made of what JSON has


def _refused(before: dict[str, Any], after: dict[str, Any], *options: str) -> list[tuple[str, ...]]:
    spec = {"syncPolicy": {"syncOptions": list(options)}}
    application = Application(Resource(_object("Application", "argoproj.io/v1alpha1", spec=spec)), ())
    old, new = (Delivery("web", application, (), (Manifest(str(body), Resource(body)),)) for body in (before, after))
    return [one.fields for one in refusals([Compared(old, new, ())])]


@pytest.mark.parametrize("name", CASES)
def test_fields_that_cannot_change_are_told(name: str) -> None:
    case = CASES[name]
    assert bool(_refused(case.body, _changed(case), "ServerSideApply=true")) == case.refused


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_real_server_says_the_same(server: ApiServer, name: str) -> None:
    case = CASES[name]
    apply = ("apply", "--server-side", "--force-conflicts", "--filename=-")
    server.kubectl(*apply, stdin=json.dumps(case.body))
    try:
        said = server.kubectl(*apply, "--dry-run=server", stdin=json.dumps(_changed(case)), check=False)
        assert (not said) == case.refused
    finally:
        server.kubectl("delete", "--wait=false", "--filename=-", stdin=json.dumps(case.body))


def test_what_argo_cd_makes_anew_is_not_refused() -> None:
    case = CASES["image of a Job"]
    for annotation in (
        {"argocd.argoproj.io/sync-options": "Replace=true, Force=true"},
        {"helm.sh/hook": "post-install"},
    ):
        after = _changed(case)
        after["metadata"] = {"name": "web", "annotations": annotation}
        assert _refused(case.body, after) == []


def test_a_job_that_may_be_gone_is_not_refused() -> None:
    case = CASES["image of a Job"]
    before = deepcopy(case.body)
    before["spec"]["ttlSecondsAfterFinished"] = 60
    assert _refused(before, _changed(case)) == []


def test_argo_cd_makes_a_binding_anew_where_it_applies_on_the_client_side() -> None:
    case = CASES["role of a binding"]
    assert _refused(case.body, _changed(case)) == []


def test_all_fields_are_named() -> None:
    after = _changed(CASES["selector of a StatefulSet"])
    after["spec"]["serviceName"] = "other"
    assert _refused(STATEFUL, after) == [("spec.selector", "spec.serviceName")]
