"""The checks of level restricted: what a pod has to give up. Source: as for baseline."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.manifest import Resource, get, items, sequence
from gitopsmith.podsecurity.baseline import PROFILES, seccomp
from gitopsmith.podsecurity.pods import CONTEXT, Breach, everywhere, in_containers, in_user_namespace, is_windows
from gitopsmith.workload import pod_route, pod_spec

VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def privilege_escalation(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor >= 25 and is_windows(resource):
        return
    for each in in_containers(resource, "allowPrivilegeEscalation"):
        if each.value is not False:
            message = f"{each.who} may gain more rights than it starts with; set allowPrivilegeEscalation to false"
            yield Breach(each.route, message, each.value is None)


def capabilities(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor >= 25 and is_windows(resource):
        return
    for each in in_containers(resource, "capabilities"):
        if "ALL" not in sequence(each.value, "drop"):
            yield Breach((*each.route, "drop"), f"{each.who} keeps capabilities; drop ALL", missing=True)
        for index, name in enumerate(sequence(each.value, "add")):
            if isinstance(name, str) and name != "NET_BIND_SERVICE":
                yield Breach((*each.route, "add", index), f"{each.who} gets capability {name}; drop it")


def seccomp_set(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor >= 25 and is_windows(resource):
        return
    yield from seccomp(resource, minor)
    if get(pod_spec(resource), CONTEXT, "seccompProfile", "type") in PROFILES:
        return
    for each in in_containers(resource, "seccompProfile"):
        if each.value is None:
            message = f"{each.who} may make every system call; set seccompProfile.type to RuntimeDefault"
            yield Breach(each.route, message, missing=True)


def volumes(resource: Resource, _: int) -> Iterator[Breach]:
    route = pod_route(resource) or ("spec",)
    for where, volume in items(resource.body, *route, "volumes"):
        kinds = {field for field, value in volume.items() if field != "name" and value is not None}
        if kinds and not kinds & VOLUMES:  # one without a source is an emptyDir
            message = (
                f"volume {volume.get('name')!r} is of type {', '.join(sorted(kinds))}; use a PersistentVolumeClaim"
            )
            yield Breach((*where, min(kinds)), message)


def non_root(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor >= 35 and in_user_namespace(resource):
        return
    inherited = get(pod_spec(resource), CONTEXT, "runAsNonRoot")
    for each in everywhere(resource, "runAsNonRoot"):
        if each.value is False:
            yield Breach(each.route, f"{each.who} may run as root; set runAsNonRoot to true")
        elif each.value is None and not each.of_pod and inherited is not True:
            yield Breach(each.route, f"{each.who} may run as root; set runAsNonRoot to true", missing=True)


def root_user(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor >= 35 and in_user_namespace(resource):
        return
    for each in everywhere(resource, "runAsUser"):
        if each.value == 0 and each.value is not False:
            yield Breach(each.route, f"{each.who} runs as root; give it another runAsUser")
