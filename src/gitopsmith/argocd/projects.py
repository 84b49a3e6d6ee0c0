"""What an AppProject permits, as Argo CD 3.6.1 decides it.

``pkg/apis/application/v1alpha1/app_project_types.go`` (``IsSourcePermitted``, ``isDestinationMatched``,
``IsGroupKindNamePermitted``, ``IsAppNamespacePermitted``), ``types.go`` (``isNamedResourceInList``) and
``util/argo/argo.go`` (``GetDestinationCluster``, ``mergeVirtualProject``).

Which clusters Argo CD knows is not in git: an Application names a cluster by its name or by its address, a project
may do the other. A question that hangs on that has the answer None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from gitopsmith.argocd import IN_CLUSTER, urls
from gitopsmith.argocd.globs import glob, name_pattern
from gitopsmith.manifest import get, mapping, sequence, text

IN_CLUSTER_NAME = "in-cluster"


class Destination(NamedTuple):
    """Patterns for a cluster's address and name, one of which must match, and for the namespace."""

    server: str
    name: str
    namespace: str


class Target(NamedTuple):
    """Where something is applied to; the address or the name of its cluster is None where git does not tell it."""

    server: str | None
    name: str | None
    namespace: str


class Restriction(NamedTuple):
    """An entry of a white or black list; only those about cluster-wide objects look at ``name``, empty is any."""

    group: str
    kind: str
    name: str = ""


class Project(NamedTuple):
    """What a project says about what its Applications may do.

    ``namespaced_allowed`` is None where there is no list, which allows every kind; an empty list allows none.
    ``own_clusters_only`` asks for a cluster that belongs to the project, which is said in a Secret.
    """

    name: str
    namespace: str
    sources: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    cluster_allowed: tuple[Restriction, ...] = ()
    cluster_denied: tuple[Restriction, ...] = ()
    namespaced_allowed: tuple[Restriction, ...] | None = None
    namespaced_denied: tuple[Restriction, ...] = ()
    application_namespaces: tuple[str, ...] = ()
    own_clusters_only: bool = False


def read(body: Any) -> Project:
    """Reads an AppProject; what is no text where text belongs counts as empty, and is the schema's business."""
    spec = mapping(body, "spec")
    listed = isinstance(spec.get("namespaceResourceWhitelist"), list)
    return Project(
        text(body, "metadata", "name"),
        text(body, "metadata", "namespace"),
        _texts(spec, "sourceRepos"),
        tuple(
            Destination(text(item, "server"), text(item, "name"), text(item, "namespace"))
            for item in sequence(spec, "destinations")
        ),
        _restrictions(spec, "clusterResourceWhitelist"),
        _restrictions(spec, "clusterResourceBlacklist"),
        _restrictions(spec, "namespaceResourceWhitelist") if listed else None,
        _restrictions(spec, "namespaceResourceBlacklist"),
        _texts(spec, "sourceNamespaces"),
        get(spec, "permitOnlyProjectScopedClusters") is True,
    )


def with_global(project: Project, other: Project) -> Project:
    """Adds what a global project says, in all lists but that of namespaces of Applications."""
    namespaced = (*(project.namespaced_allowed or ()), *(other.namespaced_allowed or ()))
    unlimited = project.namespaced_allowed is None and not other.namespaced_allowed
    return project._replace(
        sources=project.sources + other.sources,
        destinations=project.destinations + other.destinations,
        cluster_allowed=project.cluster_allowed + other.cluster_allowed,
        cluster_denied=project.cluster_denied + other.cluster_denied,
        namespaced_allowed=None if unlimited else namespaced,
        namespaced_denied=project.namespaced_denied + other.namespaced_denied,
    )


def target(destination: Any, namespace: str = "") -> Target:
    """Returns where an Application goes, or an object of it in a namespace of its own.

    A cluster's name does not tell its address, nor its address its name; but ``in-cluster`` is Argo CD's own.
    """
    server, name = text(destination, "server").rstrip("/"), text(destination, "name")
    if name == IN_CLUSTER_NAME:
        server = IN_CLUSTER
    return Target(server or None, name or None, namespace or text(destination, "namespace"))


def permits_source(project: Project, url: str) -> bool | None:
    """Tells whether Applications may take what they apply from a repository: one entry matches, and none denies it."""
    wanted = urls.normalized(url)
    answers = [_matches_url(pattern, wanted) for pattern in project.sources]
    denials = [_not(answer) for pattern, answer in zip(project.sources, answers, strict=True) if _denies(pattern)]
    return _both(_any(answers), _not(_any(denials)))


def permits_destination(project: Project, wanted: Target) -> bool | None:
    """Tells whether Applications may apply to a cluster and namespace: one entry matches, and none denies it."""
    if wanted.server is None and wanted.name is None:
        return None
    answers = [_answer(item, wanted) for item in project.destinations]
    found = _both(_any(matched for matched, _ in answers), _not(_any(denied for _, denied in answers)))
    return None if found and project.own_clusters_only else found


def permits_kind(project: Project, group: str, kind: str, name: str, *, namespaced: bool) -> bool:
    """Tells whether Applications may apply a kind of object; of one that is cluster-wide, whether under this name."""
    if namespaced:
        allowed = project.namespaced_allowed is None or _lists(project.namespaced_allowed, group, kind)
        return allowed and not _lists(project.namespaced_denied, group, kind)
    allowed = _lists(project.cluster_allowed, group, kind, name)
    return allowed and not _lists(project.cluster_denied, group, kind, name)


def permits_application_in(project: Project, namespace: str, own: str) -> bool | None:
    """Tells whether Applications of a namespace may belong to a project; those of Argo CD's ``own`` always may."""
    if namespace in {"", own}:
        return True
    return _any(_matches_namespace(pattern, namespace) for pattern in project.application_namespaces)


def _matches_url(pattern: str, wanted: str | None) -> bool | None:
    normal = urls.normalized(pattern.removeprefix("!"))
    if normal == "*" and not _denies(pattern):
        return True
    if normal is None or wanted is None:
        return None
    found = glob(normal, "/").match(wanted) is not None
    return found is not _denies(pattern)


def _answer(item: Destination, wanted: Target) -> tuple[bool | None, bool | None]:
    """Tells whether an entry matches, and whether it denies: of a cluster that it matches, it may deny the namespace.

    A cluster may have no name at all, and then an entry that denies a name denies it.
    """
    server = _matches(item.server, wanted.server)
    name = _matches(item.name, wanted.name)
    name = None if name and wanted.name is None else name
    namespace = _matches(item.namespace, wanted.namespace)
    matched = _both(_any((server, name)), namespace)
    off = _any((_both(_not(name), _denies(item.name)), _both(_not(server), _denies(item.server))))
    namespace_off = _both(_both(_not(namespace), _denies(item.namespace)), server)
    return matched, _both(_not(matched), _any((_both(off, namespace), namespace_off)))


def _matches(pattern: str, value: str | None) -> bool | None:
    """Matches a glob, or with ``!`` what it does not match; an unknown value is known not to be empty."""
    if _denies(pattern):
        return _not(_matches_glob(pattern[1:], value))
    return _matches_glob(pattern, value)


def _matches_glob(pattern: str, value: str | None) -> bool | None:
    if value is not None:
        return glob(pattern).match(value) is not None
    return pattern in {"*", "**"} if pattern in {"", "*", "**"} else None


def _matches_namespace(pattern: str, namespace: str) -> bool | None:
    """Matches a glob, or between slashes a regular expression, whose dialect is .NET's."""
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.search(pattern[1:-1], namespace) is not None
        except re.error:
            return None
    return glob(pattern).match(namespace) is not None


def _lists(entries: Iterable[Restriction], group: str, kind: str, name: str | None = None) -> bool:
    return any(
        name_pattern(entry.kind).match(kind)
        and name_pattern(entry.group).match(group)
        and (name is None or not entry.name or name_pattern(entry.name).match(name))
        for entry in entries
    )


def _denies(pattern: str) -> bool:
    return pattern.startswith("!")


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else None if None in found else False


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _both(one: bool | None, other: bool | None) -> bool | None:
    return _not(_any((_not(one), _not(other))))


def _texts(spec: dict[str, Any], field: str) -> tuple[str, ...]:
    return tuple(item for item in sequence(spec, field) if isinstance(item, str))


def _restrictions(spec: dict[str, Any], field: str) -> tuple[Restriction, ...]:
    found = (item for item in sequence(spec, field) if isinstance(item, dict))
    return tuple(Restriction(text(item, "group"), text(item, "kind"), text(item, "name")) for item in found)
