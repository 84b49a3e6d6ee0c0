"""Whether a single value of an answer can be right: what is not about names, images and addresses."""

from __future__ import annotations

import re

from gitopsmith import content
from gitopsmith.answers.model import DEMO_IMAGE, DEMO_PORT
from gitopsmith.answers.text import is_plain

OLDEST = (3, 4, 0)
"""The oldest Argo CD that still gets patches; what templates use came earlier (``retry.refresh`` with 3.2, a name in
``clusterResourceWhitelist`` with 3.3), but for the parameters of metrics, which they leave out below 3.6."""


def branch(value: str) -> str:
    """Returns why git has no such branch, or YAML no such text; empty when all is well."""
    parts = value.split("/")
    bad = not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]*", value) or ".." in value or "@{" in value
    if bad or value == "HEAD" or any(not part or part[0] == "." or part.endswith((".", ".lock")) for part in parts):
        return f"{value!r} is no name of a branch; write one such as main or release/platform"
    return "" if is_plain(value) else f"{value!r} is not text to YAML; write a name with letters, such as main"


def argocd(version: str) -> str:
    """Returns why a version is no release of Argo CD that templates fit; empty when it is one."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        better = re.match(r"v?([0-9]+\.[0-9]+)(\.[0-9]+)?", version)
        example = better[1] + (better[2] or ".1") if better else "3.6.1"
        return f"{version!r} is no release of Argo CD; write all three numbers and no more, such as {example}"
    if numbers(version) < OLDEST:
        return f"Argo CD {version} gets no patches any more; write {'.'.join(map(str, OLDEST))} or newer"
    return "" if numbers(version)[0] == 3 else f"there is no Argo CD {version}; write a release of 3, such as 3.6.1"


def kubernetes(version: str) -> str:
    """Returns why a version is no minor of Kubernetes whose schemas are here; empty when it is one."""
    minors = sorted(int(path.stem.split(".")[1]) for path in (content.SCHEMAS / "kubernetes").glob("1.*.zlib"))
    if re.fullmatch(r"v?1\.[0-9]+\.[0-9]+.*", version):
        return f"{version!r} is a patch release; write the minor alone, {'.'.join(version.lstrip('v').split('.')[:2])}"
    found = re.fullmatch(r"1\.([1-9][0-9]*)", version)
    if not found or int(found[1]) not in minors:
        return f"Kubernetes {version!r} is not known; write one from 1.{minors[0]} to 1.{minors[-1]}"
    return ""


def numbers(version: str) -> tuple[int, ...]:
    """Returns the numbers of a version."""
    return tuple(int(part) for part in version.split("."))


def group(value: str) -> str:
    """Returns why a group does not stand for itself in Argo CD's policy; empty when it does."""
    if re.search(r"""[,"'`\\{}]""", value) or not is_plain(value):
        return (
            "does not stand for itself in Argo CD's policy; write a group without commas, quotes and ': ', not a number"
        )
    return ""


def channel(value: str) -> str:
    """Returns why a value is no channel in Slack; empty when it is one."""
    if value.startswith("#") and not channel(value[1:]):
        return f"{value!r} starts with a mark that is not part of the name; write {value[1:]}"
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}|[CG][A-Z0-9]{8,}", value) or not is_plain(value):
        return "is no channel in Slack; write its name, such as platform-alerts, or its id"
    return ""


def release(value: str) -> str:
    """Returns why a value is none that a label has; empty when it is one."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", value) or not is_plain(value):
        return "is no value of a label; write what serviceMonitorSelector asks for, such as kube-prometheus-stack"
    return ""


def port(number: int, image: str) -> str:
    """Returns why an image does not answer on a port; empty when it may."""
    if not 1 <= number <= 65535:
        return f"{number} is no port; write one from 1 to 65535"
    if image == DEMO_IMAGE and number != DEMO_PORT:
        return f"the demonstration's image answers on {DEMO_PORT} only; write the image that answers on {number}"
    return ""


def path(value: str) -> str:
    """Returns why a probe cannot ask for a path; empty when it can."""
    if not value.startswith("/"):
        return "does not start at the root of the server; write it with a / first, such as /healthz"
    if not re.fullmatch(r"[A-Za-z0-9._~%!$&()*+,;=:@?/-]+", value) or not is_plain(value):
        return "is no path that a probe can ask for; write one without spaces and quotes, such as /healthz"
    return ""
