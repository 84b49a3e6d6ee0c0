"""Which Applications live together, in one Argo CD and on one cluster, and which objects of theirs are the same one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gitopsmith import argocd
from gitopsmith.application import Application, ObjectFact
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
