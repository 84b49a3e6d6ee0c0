"""A Helm chart that is to be added: where it comes from, and whether that is one thing that everybody may read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from gitopsmith.answers import IN_CLUSTER, Answers, names
from gitopsmith.answers.text import is_plain, nearest
from gitopsmith.finding import Failure

_EXACT = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_CHART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9._-]+)*")
_LONGEST_RELEASE = 53
"""Characters that Helm takes in the name of a release."""


class Chart(NamedTuple):
    """Where a chart comes from; ``version`` is one exact version."""

    name: str
    version: str
    repo: str


def check(given: Answers, name: str, chart: Chart, namespace: str, cluster: str) -> None:
    """Raises Failure for the first argument that is wrong, by the name of its option."""
    problems = {
        "name": next(_name(given, name, cluster), ""),
        "cluster": "" if cluster in given.clusters else _unknown(cluster, given.clusters),
        "namespace": names.label(namespace),
        "chart": _chart(chart.name),
        "version": _version(chart.version),
        "repo": _repo(chart.repo),
    }
    for option, message in problems.items():
        if message:
            raise Failure(f"{option}: {message}")


def _name(given: Answers, name: str, cluster: str) -> Iterator[str]:
    application = name if cluster == IN_CLUSTER else f"{name}-{cluster}"
    if names.label(name):
        yield names.label(name)
    elif len(name) > _LONGEST_RELEASE:
        yield f"{name!r} has {len(name)} characters, and Helm takes {_LONGEST_RELEASE}; write a shorter one"
    elif names.label(application):
        yield names.label(application)
    taken = {f"{item.name}-{environment.name}" for item in given.applications for environment in given.environments}
    taken |= {f"root-{item.name}" for item in given.environments} | {f"platform-{item}" for item in given.clusters}
    if application in taken:
        yield f"{application!r} is the name of another Application; take another one"


def _chart(name: str) -> str:
    return "" if _CHART.fullmatch(name) and is_plain(name) else f"{name!r} is no name of a chart"


def _unknown(cluster: str, known: tuple[str, ...]) -> str:
    better = nearest(cluster, known) or f"write {' or '.join(known)}, or add an environment on it first"
    return f"there is no cluster {cluster!r}; {better}"


def _version(version: str) -> str:
    if _EXACT.fullmatch(version):
        return ""
    what = repr(version) if version else "nothing"
    return f"{what} is not one version, and what is deployed would change without a commit; write one such as 1.2.3"


def _repo(url: str) -> str:
    parts = urlsplit(url)
    if parts.username or parts.password or "@" in parts.netloc:
        return "this URL holds a login, which everybody who reads the repository would see; leave it out"
    if parts.scheme == "http":
        return "this URL is read without encryption; write https:// or oci://"
    if parts.scheme not in {"https", "oci"} or not parts.hostname or parts.query or parts.fragment or not is_plain(url):
        return f"{url!r} is no URL of a chart repository; write https://HOST/PATH or oci://HOST/PATH"
    return ""
