"""Which checks a level has in a version, and which level a namespace's labels ask for."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import baseline, restricted
from gitopsmith.podsecurity.pods import Breach

PRIVILEGED, BASELINE, RESTRICTED = LEVELS = ("privileged", "baseline", "restricted")
ENFORCE = "pod-security.kubernetes.io/enforce"
ENFORCE_VERSION = "pod-security.kubernetes.io/enforce-version"
NEWEST = 37
"""The newest minor version of Kubernetes whose checks differ from those before."""
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)")


class Check(NamedTuple):
    """One check, from the minor version on that has it; ``replaces`` is the one of baseline that it takes in."""

    id: str
    level: str
    find: Callable[[Resource, int], Iterator[Breach]]
    since: int = 0
    replaces: str = ""


CHECKS = (
    Check("privileged", BASELINE, baseline.privileged),
    Check("host-namespaces", BASELINE, baseline.host_namespaces),
    Check("host-paths", BASELINE, baseline.host_paths),
    Check("host-ports", BASELINE, baseline.host_ports),
    Check("capabilities", BASELINE, baseline.capabilities),
    Check("proc-mount", BASELINE, baseline.proc_mount),
    Check("selinux", BASELINE, baseline.selinux),
    Check("apparmor", BASELINE, baseline.apparmor),
    Check("seccomp", BASELINE, baseline.seccomp),
    Check("sysctls", BASELINE, baseline.sysctls),
    Check("host-processes", BASELINE, baseline.host_processes),
    Check("probe-hosts", BASELINE, baseline.probe_hosts, since=34),
    Check("privilege-escalation", RESTRICTED, restricted.privilege_escalation, since=8),
    Check("capabilities-restricted", RESTRICTED, restricted.capabilities, since=22, replaces="capabilities"),
    Check("seccomp-restricted", RESTRICTED, restricted.seccomp_set, since=19, replaces="seccomp"),
    Check("volumes", RESTRICTED, restricted.volumes, replaces="host-paths"),
    Check("non-root", RESTRICTED, restricted.non_root),
    Check("root-user", RESTRICTED, restricted.root_user, since=23),
    Check("proc-mount-restricted", RESTRICTED, baseline.proc_mount_anywhere, since=35, replaces="proc-mount"),
)


class Enforced(NamedTuple):
    """What a namespace enforces: a level by the checks of a minor version of Kubernetes."""

    level: str
    minor: int = NEWEST

    def __str__(self) -> str:
        return self.level


def enforced(labels: Mapping[str, Any], kubernetes: str = "") -> Enforced:
    """Returns what a namespace with these labels enforces on a cluster of a version such as ``1.34``.

    A level that does not exist counts as privileged: the API server does not take such a namespace in the first place.
    """
    level, version = labels.get(ENFORCE), labels.get(ENFORCE_VERSION)
    if level not in LEVELS:
        return Enforced(PRIVILEGED)
    newest = min(NEWEST, int(kubernetes.removeprefix("v").split(".")[1])) if kubernetes else NEWEST
    asked = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return Enforced(str(level), min(newest, int(asked[1])) if asked else newest)


def is_version(text: Any) -> bool:
    """Tells whether the API server takes something for the version of a policy."""
    return text == "latest" or (isinstance(text, str) and _VERSION.fullmatch(text) is not None)


def breaches(resource: Resource, policy: Enforced) -> Iterator[Breach]:
    """Yields what a policy refuses of a workload's pod; it refuses the pod when there is anything."""
    for check in _checks(policy):
        yield from check.find(resource, policy.minor)


@functools.cache
def _checks(policy: Enforced) -> tuple[Check, ...]:
    levels = LEVELS[1 : LEVELS.index(policy.level) + 1]
    found = [check for check in CHECKS if check.level in levels and check.since <= policy.minor]
    replaced = {check.replaces for check in found}
    return tuple(check for check in found if check.id not in replaced)
