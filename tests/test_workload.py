"""The pod, its images and the Services that send to it are found in every kind that has one."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsmith import workload
from gitopsmith.documents import load
from gitopsmith.manifest import Resource

POD: dict[str, Any] = {"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}
TEMPLATE: dict[str, Any] = {"spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": POD}}}
KINDS = {
    "Pod": ("v1", {"spec": POD, "metadata": {"labels": {"app": "web"}}}),
    "Deployment": ("apps/v1", TEMPLATE),
    "StatefulSet": ("apps/v1", TEMPLATE),
    "DaemonSet": ("apps/v1", TEMPLATE),
    "ReplicaSet": ("apps/v1", TEMPLATE),
    "ReplicationController": ("v1", TEMPLATE),
    "Job": ("batch/v1", TEMPLATE),
    "CronJob": ("batch/v1", {"spec": {"jobTemplate": TEMPLATE}}),
    "Rollout": ("argoproj.io/v1alpha1", TEMPLATE),
    "DeploymentConfig": ("apps.openshift.io/v1", TEMPLATE),
}


def resource(kind: str, version: str = "v1", siblings: tuple[Resource, ...] = (), **body: Any) -> Resource:
    return Resource({"apiVersion": version, "kind": kind, **body}, siblings=siblings)


@pytest.mark.parametrize(("kind", "version", "body"), [(kind, *rest) for kind, rest in KINDS.items()], ids=list(KINDS))
def test_the_pod_of_every_workload_is_found(kind: str, version: str, body: dict[str, Any]) -> None:
    found = resource(kind, version, **body)
    [(route, container)] = workload.containers(found)
    assert container["image"] == "shop/web:1.4.2"
    assert found.get(*route) is container
    assert workload.pod_labels(found) == {"app": "web"}
    assert [image.tag for _, image in workload.images(found)] == ["1.4.2"]


def test_every_kind_of_workload_is_tried_here() -> None:
    tried = {resource(kind, version).group_kind for kind, (version, _) in KINDS.items()}
    assert tried == workload.WORKLOADS


@pytest.mark.parametrize("kind", ["ConfigMap", "Deployment"])
def test_what_has_no_pod_has_no_containers(kind: str) -> None:
    found = resource(kind, "apps/v1", spec={"template": None})
    assert list(workload.containers(found)) == []
    assert list(workload.long_running(found)) == []
    assert workload.pod_labels(found) == {}


def test_a_sidecar_runs_as_long_as_the_pod_and_an_init_container_does_not() -> None:
    found = Resource(
        load("""\
apiVersion: v1
kind: Pod
spec:
  initContainers:
    - name: migrate
    - name: proxy
      restartPolicy: Always
  containers:
    - name: web
  ephemeralContainers:
    - name: debug
""")
    )
    assert [container["name"] for _, container in workload.long_running(found)] == ["web", "proxy"]
    assert [container["name"] for _, container in workload.containers(found)] == ["web", "migrate", "proxy", "debug"]


def pod(image: Any, **more: Any) -> Resource:
    return resource("Pod", spec={"containers": [{"name": "web", "image": image}]}, **more)


DECIDED_ELSEWHERE = {
    "empty": pod(""),
    "blank": pod(" "),
    "null": pod(None),
    "number": pod(5),
    "injected": pod("auto"),
    "variable": pod("${IMAGE}"),
    "braces": pod("registry.example.com/{{ .image }}"),
    "angles": pod("<image>"),
    "word": pod("REPLACE_ME"),
    "release": pod("image-registry.openshift-image-registry.svc:5000/openshift/cli:latest"),
    "annotation by name": pod(
        "web", metadata={"annotations": {"image.openshift.io/triggers": '[{"from": {"kind": "ImageStreamTag", "name": '
        '"web:1"}, "fieldPath": "spec.template.spec.containers[?(@.name==\\"web\\")].image"}]'}},
    ),
    "annotation by number": pod(
        "web", metadata={"annotations": {"image.openshift.io/triggers": '[{"fieldPath": "spec.containers[0].image"}]'}}
    ),
    "trigger": resource(
        "DeploymentConfig",
        "apps.openshift.io/v1",
        spec={"triggers": [{"imageChangeParams": {"containerNames": ["web", None, []]}}, 5], **TEMPLATE["spec"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("found", DECIDED_ELSEWHERE.values(), ids=DECIDED_ELSEWHERE)
def test_an_image_that_something_else_decides_about_is_left_out(found: Resource) -> None:
    assert list(workload.images(found)) == []


def stream(name: str, namespace: str, *, local: bool) -> Resource:
    return resource(
        "ImageStream",
        "image.openshift.io/v1",
        metadata={"name": name, "namespace": namespace},
        spec={"lookupPolicy": {"local": local}},
    )


@pytest.mark.parametrize(
    ("streams", "count"),
    [
        ((stream("web", "shop", local=True),), 0),
        ((stream("web", "shop", local=False),), 1),
        ((stream("web", "other", local=True),), 1),
        ((stream("api", "shop", local=True),), 1),
        ((), 1),
    ],
    ids=["local", "not local", "other namespace", "other name", "none"],
)
def test_a_bare_name_is_looked_up_in_the_local_image_streams(streams: tuple[Resource, ...], count: int) -> None:
    found = pod("web:latest", metadata={"namespace": "shop"}, siblings=streams)
    assert len(list(workload.images(found))) == count


def service(selector: Any, namespace: str = "", **spec: Any) -> Resource:
    return resource("Service", metadata={"name": "web", "namespace": namespace}, spec={"selector": selector, **spec})


@pytest.mark.parametrize(
    ("candidate", "is_sent_to"),
    [
        (service({"app": "web"}), True),
        (service({"app": "web", "tier": "front"}), False),
        (service({"app": "api"}), False),
        (service({}), False),
        (service(None), False),
        (service({"app": "web"}, "shop"), False),
        (service({"app": "web"}, type="ExternalName"), False),
    ],
    ids=["all labels", "a label more", "another value", "empty", "none", "another namespace", "external name"],
)
def test_a_service_sends_to_pods_with_all_its_labels(candidate: Resource, is_sent_to: bool) -> None:
    pods = resource("Deployment", "apps/v1", **TEMPLATE)
    together = (candidate, pods)
    assert workload.services(Resource(pods.body, siblings=together)) == ((candidate,) if is_sent_to else ())
    assert workload.selected(Resource(candidate.body, siblings=together)) == ((pods,) if is_sent_to else ())


def test_a_container_with_an_odd_name_has_an_image_all_the_same() -> None:
    found = resource("Pod", spec={"containers": [{"name": ["web"], "image": "web:1.4"}]})
    assert [image.tag for _, image in workload.images(found)] == ["1.4"]


def test_ports_that_are_no_ports_are_left_out() -> None:
    container = {"ports": [{"name": "http", "containerPort": 8080}, {"containerPort": "9000"}, None, {"name": 5}]}
    assert workload.port_names(container) == {"http"}
    assert workload.port_numbers(container) == {8080}


@pytest.mark.parametrize(
    ("annotations", "is_hook"),
    [({"argocd.argoproj.io/hook": "PreSync"}, True), ({"helm.sh/hook": "test"}, True), ({}, False)],
    ids=["argo", "helm", "none"],
)
def test_hooks_of_both_kinds_are_hooks(annotations: dict[str, str], is_hook: bool) -> None:
    assert workload.is_hook(resource("Job", "batch/v1", metadata={"annotations": annotations})) is is_hook
