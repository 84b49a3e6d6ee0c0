"""Which Applications live together, in one Argo CD and on one cluster, and which objects of theirs are the same one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gitopsmith import argocd, config
from gitopsmith.application import Application, Deployed, ObjectFact, Repository, Source
from gitopsmith.config import Config, Environment
from gitopsmith.manifest import text
from gitopsmith.secrets import is_filled_in_later

Homes = dict[Application, frozenset[tuple[str, str]]]


class Identity(NamedTuple):
    """What makes two objects one: versions do not count."""

    cluster: str
    group_kind: str
    namespace: str
    name: str


def identity(application: Application, fact: ObjectFact) -> Identity:
    """Returns which object of which cluster a fact of an Application is.

    One of a kind whose scope is not known is taken for one in a namespace.
    """
    namespace = fact.namespace or text(application.destination, "namespace")
    namespace = "" if fact.scope == "Cluster" else namespace
    return Identity(cluster(application), fact.resource.group_kind, namespace, fact.name)


def is_definition(name: str, fact: ObjectFact) -> bool:
    """Tells whether a CustomResourceDefinition is that of an object's kind, by its name: ``widgets.example.com``.

    The name begins with the kind's plural, of which only the last letters differ from the kind.
    """
    plural, _, group = name.partition(".")
    kind = fact.kind.lower()
    return group == fact.resource.group and plural.startswith(kind[:-2]) and abs(len(plural) - len(kind)) <= 3


def cluster(application: Application) -> str:
    """Returns the cluster that an Application deploys to, empty where it is not known."""
    found = argocd.cluster(application.destination)
    return "" if is_filled_in_later(found) else found


def clusters(applications: Iterable[Application], said: Config) -> dict[Application, str]:
    """Returns the cluster of each Application as ``cluster`` does, with what the configuration says beside.

    A server has the name that the configuration gives it. The cluster that Argo CD runs on is that of the environment,
    where no Application names that one: one which Argo CD reaches from elsewhere is not the one that it runs on.
    """
    names = {one.server.rstrip("/"): one.name for one in said.clusters if one.server}
    found = {each: names.get(cluster(each), cluster(each)) for each in applications}
    reached = frozenset(found.values())
    own = [one for one in said.environments if one.cluster and names.get(one.cluster, one.cluster) not in reached]
    return {each: _own_cluster(each, own) or name if name == "in-cluster" else name for each, name in found.items()}


def by_cluster(repository: Repository) -> dict[str, list[Deployed]]:
    """Returns what is deployed to each cluster that is known; nothing of Applications that are disabled."""
    named = clusters(repository.applications, repository.config)
    found: dict[str, list[Deployed]] = defaultdict(list)
    for each in repository.deployed:
        if not each.application.disabled and named[each.application]:
            found[named[each.application]].append(each)
    return found


def _own_cluster(application: Application, own: Iterable[Environment]) -> str:
    """Returns the cluster of the environments that an Application belongs to, empty where it has none or several."""
    serving = {one.cluster for one in own if any(config.matches(path, one.paths) for path in paths_of(application))}
    return serving.pop() if len(serving) == 1 else ""


def environments(
    paths: Iterable[str], destination: dict[str, Any] | None, known: Iterable[Environment]
) -> tuple[str, ...]:
    """Returns the names of the environments to which something belongs that is built from the paths.

    What lies at no path of any belongs to the environment that has the cluster of its destination for itself.
    """
    known, paths = tuple(known), tuple(paths)
    placed = tuple(one.name for one in known if any(config.matches(path, one.paths) for path in paths))
    found = argocd.cluster(destination or {})
    served = tuple(one.name for one in known if found and one.cluster == found)
    return placed or (served if len(served) == 1 else ())


def paths_of(application: Application) -> tuple[str, ...]:
    """Returns where an Application stands, and what it deploys of this repository."""
    sources = (source.directory_path for source in application.sources if source.own)
    return tuple(filter(None, (application.resource.origin.path, application.entry, *sources)))


def environments_of(application: Application, known: Iterable[Environment]) -> tuple[str, ...]:
    """Returns the names of the environments that an Application belongs to, by its paths, else by its cluster."""
    return environments(paths_of(application), application.destination, known)


def across(source: Source, environment: Environment) -> str:
    """Returns a source's path with the environment's name left open, empty for a path that is in no environment.

    Two Applications deploy the same application to two environments where that is the same.
    """
    parts = source.directory_path.split("/")
    is_here = source.own and config.matches(source.directory_path, environment.paths)
    return "/".join("*" if part == environment.name else part for part in parts) * (
        is_here and environment.name in parts
    )


def homes(applications: Iterable[Application]) -> Homes:
    """Returns what each Application surely shares with others: its file or build, and the Argo CD that roots put it in.

    Two Applications with a home in common run in one Argo CD. Those of two environments have none: whether their roots
    are applied to one Argo CD or to two is nowhere written.
    """
    applications = tuple(applications)
    found: dict[Application, set[tuple[str, str]]] = {each: {_place(each)} for each in applications}
    rendered: dict[str, list[Application]] = defaultdict(list)
    for each in applications:
        if each.entry is not None:
            rendered[each.entry].append(each)
    for number, root in enumerate(applications):
        if not root.disabled:
            for where, child in reached(root, rendered):
                found[child].add((f"root {number}", where))
    return {each: frozenset(places) for each, places in found.items()}


def _place(application: Application) -> tuple[str, str]:
    if application.entry is None:
        return ("file", application.resource.origin.path)
    return ("build", application.entry)


def reached(root: Application, rendered: dict[str, list[Application]]) -> Iterator[tuple[str, Application]]:
    """Yields each Application that a root applies, at any depth, with the cluster that it is applied to.

    ``rendered`` are Applications by the directory that renders them.
    """
    todo, entries = [root], set[str]()
    while todo:
        parent = todo.pop()
        for source in parent.sources:
            entry = source.directory_path
            if source.own and source.path and entry in rendered and entry not in entries:
                entries.add(entry)
                for child in rendered[entry]:
                    yield argocd.cluster(parent.destination), child
                    todo.append(child)
