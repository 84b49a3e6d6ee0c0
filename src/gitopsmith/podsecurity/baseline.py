"""The checks of level baseline: what gives a pod the node, or a good part of it.

Each takes the minor version of Kubernetes whose policy is asked for. Source: the files ``policy/check_*.go`` of
k8s.io/pod-security-admission v0.37.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.manifest import Resource, get, items, sequence, text
from gitopsmith.podsecurity.pods import CONTEXT, Breach, everywhere, in_containers, in_user_namespace, named
from gitopsmith.workload import PROBES, containers, pod_annotations, pod_metadata_route, pod_route, pod_spec

CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
SYSCTLS = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_notsent_lowat": 37,
    "net.ipv4.tcp_slow_start_after_idle": 37,
}
"""The sysctls that change nothing outside of the pod, with the minor version that allows each."""
SELINUX_TYPES = {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}
PROFILES = ("RuntimeDefault", "Localhost")
DEFAULT_PROFILE = "runtime/default"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
HOOKS = (("lifecycle", "postStart"), ("lifecycle", "preStop"))


def privileged(resource: Resource, _: int) -> Iterator[Breach]:
    for each in in_containers(resource, "privileged"):
        if each.value is True:
            yield Breach(
                each.route, f"{each.who} is privileged, which is root on the node; drop it, or add capabilities"
            )


def host_namespaces(resource: Resource, _: int) -> Iterator[Breach]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod_spec(resource).get(field) is True:
            yield Breach((*_spec(resource), field), f"{field} puts the pod into the node's own namespace; drop it")


def host_paths(resource: Resource, _: int) -> Iterator[Breach]:
    for route, volume in items(resource.body, *_spec(resource), "volumes"):
        if volume.get("hostPath") is not None:
            path = text(volume, "hostPath", "path")
            message = f"volume {volume.get('name')!r} is the node's own {path!r}; use a volume of the pod's own"
            yield Breach((*route, "hostPath"), message)


def host_ports(resource: Resource, _: int) -> Iterator[Breach]:
    for where, container in containers(resource):
        for route, port in items(container, "ports"):
            if port.get("hostPort") not in (None, 0):
                message = f"{named(container)} takes port {port['hostPort']} of its node; use a Service"
                yield Breach((*where, *route, "hostPort"), message)


def capabilities(resource: Resource, _: int) -> Iterator[Breach]:
    for each in in_containers(resource, "capabilities"):
        for index, name in enumerate(sequence(each.value, "add")):
            if isinstance(name, str) and name not in CAPABILITIES:
                message = f"{each.who} gets capability {name}, which containers do not have by default; drop it"
                yield Breach((*each.route, "add", index), message)


def proc_mount(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor < 35 or not in_user_namespace(resource):
        yield from proc_mount_anywhere(resource, minor)


def proc_mount_anywhere(resource: Resource, _: int) -> Iterator[Breach]:
    for each in in_containers(resource, "procMount"):
        if each.value not in (None, "Default"):
            yield Breach(each.route, f"{each.who} sees all of /proc (procMount {each.value}); use Default")


def selinux(resource: Resource, minor: int) -> Iterator[Breach]:
    allowed = {name for name, since in SELINUX_TYPES.items() if since <= minor}
    for each in everywhere(resource, "seLinuxOptions"):
        for field in ("type", "user", "role"):
            value = text(each.value, field)
            if value and (field != "type" or value not in allowed):
                message = f"{each.who} runs with SELinux {field} {value!r} of its own; leave that to the runtime"
                yield Breach((*each.route, field), message)


def apparmor(resource: Resource, _: int) -> Iterator[Breach]:
    for each in everywhere(resource, "appArmorProfile"):
        if each.value is not None and get(each.value, "type") not in PROFILES:
            yield Breach((*each.route, "type"), f"{each.who} runs without AppArmor; use RuntimeDefault")
    for key, value in pod_annotations(resource).items():
        if key.startswith(APPARMOR) and not _confines(value):
            route = (*pod_metadata_route(resource), "annotations", key)
            message = f"container {key.removeprefix(APPARMOR)!r} runs without AppArmor; write runtime/default"
            yield Breach(route, message)


def _confines(profile: Any) -> bool:
    return profile in ("", DEFAULT_PROFILE) or str(profile).startswith("localhost/")


def seccomp(resource: Resource, minor: int) -> Iterator[Breach]:
    if minor < 19:
        yield from _seccomp_annotations(resource)
        return
    for each in everywhere(resource, "seccompProfile"):
        if each.value is not None and get(each.value, "type") not in PROFILES:
            yield Breach((*each.route, "type"), f"{each.who} may make every system call; use RuntimeDefault")


def _seccomp_annotations(resource: Resource) -> Iterator[Breach]:
    names = (f"{CONTAINER_SECCOMP}{container.get('name')}" for _, container in containers(resource))
    for key in (SECCOMP, *names):
        value = pod_annotations(resource).get(key, DEFAULT_PROFILE)
        if value != "docker/default" and (value == "" or not _confines(value)):
            route = (*pod_metadata_route(resource), "annotations", key)
            yield Breach(route, f"{key} allows every system call; write {DEFAULT_PROFILE}")


def sysctls(resource: Resource, minor: int) -> Iterator[Breach]:
    for route, sysctl in items(resource.body, *_spec(resource), CONTEXT, "sysctls"):
        name = text(sysctl, "name")
        if SYSCTLS.get(name, minor + 1) > minor:
            yield Breach((*route, "name"), f"sysctl {name!r} changes more than this pod; drop it")


def host_processes(resource: Resource, _: int) -> Iterator[Breach]:
    for each in everywhere(resource, "windowsOptions", "hostProcess"):
        if each.value is True:
            yield Breach(each.route, f"{each.who} runs as a process of its Windows node; drop hostProcess")


def probe_hosts(resource: Resource, _: int) -> Iterator[Breach]:
    for where, container in containers(resource):
        for steps in (*((probe,) for probe in PROBES), *HOOKS):
            for kind in ("httpGet", "tcpSocket"):
                route = (*steps, kind, "host")
                if text(container, *route):
                    message = f"{named(container)} has the kubelet call another host than the pod; drop the host"
                    yield Breach((*where, *route), message)


def _spec(resource: Resource) -> tuple[str | int, ...]:
    route = pod_route(resource)
    return route if route is not None else ("spec",)
