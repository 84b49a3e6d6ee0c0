"""Names that people give, and the names that are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gitopsmith.answers.model import IN_CLUSTER, Answers
from gitopsmith.answers.text import is_plain
from gitopsmith.finding import Route

LONGEST = 63
"""Characters that Kubernetes takes in a namespace, a Service and a label (RFC 1123)."""
COMPONENTS = ("argocd", "monitoring", "sealed-secrets", "external-secrets")
"""Applications of the platform, each in a namespace of its own, and beside environments in a cluster's folder."""
_LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_RESERVED = {
    "environments": dict.fromkeys((*COMPONENTS, "kustomization"), "a file beside it in its cluster's folder"),
    "applications": {"kustomization": "a file beside it in each environment's folder"},
}


class _Derived(NamedTuple):
    """A name that a manifest will have; ``route`` leads to the answer to change, and is empty where there is none."""

    name: str
    route: Route
    owner: str
    is_namespace: bool = False


def problems(answers: Answers) -> Iterator[tuple[Route, str]]:
    """Yields what is wrong with any name, at the answer to change; of what follows from names only when they are sound.

    Names are RFC 1035 labels, which is what a Service takes.
    """
    found = [*_given(answers)]
    yield from found or _derived(answers)


def _given(answers: Answers) -> Iterator[tuple[Route, str]]:
    for answer in ("environments", "applications", "teams"):
        names = [item.name for item in getattr(answers, answer)]
        for index, name in enumerate(names):
            message = label(name) or _reserved(answer, name)
            if not message and name in names[:index]:
                message = f"{name!r} stands there twice; leave one out, or give it another name"
            if message:
                yield (answer, index, "name"), message
    for index, environment in enumerate(answers.environments):
        message = label(environment.cluster)
        if message:
            yield ("environments", index, "cluster"), message


def label(name: str) -> str:
    """Returns why a name is none that everything in Kubernetes takes, empty when it is one."""
    if not _LABEL.fullmatch(name):
        return f"{name!r} is no name in Kubernetes; write small letters, digits and '-', a letter first{_such_as(name)}"
    if len(name) > LONGEST:
        return f"{name!r} is {_too_long(name)}; write a shorter one"
    if not is_plain(name):
        return f"{name!r} is not text to YAML; write another word"
    return ""


def gateway(name: str) -> str:
    """Returns why a text names no Gateway, empty when it is a namespace and a name."""
    namespace, slash, own = name.partition("/")
    if not slash:
        return f"{name!r} names no Gateway; write NAMESPACE/NAME, such as gateway-system/{name}"
    return label(namespace) or label(own)


def _too_long(name: str) -> str:
    return f"{len(name) - LONGEST} longer than the {LONGEST} characters that Kubernetes takes"


def _such_as(name: str) -> str:
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
    return f", such as {better}" if better else ""


def _reserved(answer: str, name: str) -> str:
    what = _RESERVED.get(answer, {}).get(name)
    return f"{name!r} is the name of {what}; take another one" if what else ""


def _derived(answers: Answers) -> Iterator[tuple[Route, str]]:
    applications, projects = [*_applications(answers)], [*_projects(answers)]
    yield from _long([*_on_clusters(answers, COMPONENTS), *_roots(answers)]) or _long(applications + projects)
    for derived in applications:
        if derived.is_namespace and derived.name.startswith("kube-"):
            yield (
                derived.route,
                f"makes the namespace {derived.name!r}, and kube- is Kubernetes' own; take another name",
            )
    yield from _twice("Application", applications)
    yield from _twice("AppProject", projects)


def _long(derived: Iterable[_Derived]) -> list[tuple[Route, str]]:
    """Returns what makes names that are too long, the longest ones first."""
    long = sorted((item for item in derived if len(item.name) > LONGEST), key=lambda item: -len(item.name))
    return [(item.route, f"makes {item.name!r}, {_too_long(item.name)}; write a shorter one") for item in long]


def _twice(kind: str, derived: Iterable[_Derived]) -> Iterator[tuple[Route, str]]:
    first: dict[str, _Derived] = {}
    for found in derived:
        before = first.setdefault(found.name, found)
        if before is not found:
            yield found.route, f"makes the {kind} {found.name!r}, as {before.owner} does; take another name"


def _applications(answers: Answers) -> Iterator[_Derived]:
    """Yields the Applications, which all lie in one namespace; those of teams have a namespace of the same name."""
    yield from _on_clusters(answers, ("platform", *COMPONENTS))
    yield from _roots(answers)
    yield from _of_teams(answers, "applications", "application")


def _projects(answers: Answers) -> Iterator[_Derived]:
    yield from _on_clusters(answers, ("platform",))
    yield from _roots(answers)
    yield from _of_teams(answers, "teams", "team")


def _roots(answers: Answers) -> Iterator[_Derived]:
    for index, environment in enumerate(answers.environments):
        owner = f"the root of environment {environment.name!r}"
        yield _Derived(f"root-{environment.name}", ("environments", index, "name"), owner)


def _of_teams(answers: Answers, answer: str, word: str) -> Iterator[_Derived]:
    for index, item in enumerate(getattr(answers, answer)):
        for environment in answers.environments:
            owner = f"{word} {item.name!r} in environment {environment.name!r}"
            name = f"{item.name}-{environment.name}"
            yield _Derived(name, (answer, index, "name"), owner, is_namespace=answer == "applications")


def _on_clusters(answers: Answers, prefixes: tuple[str, ...]) -> Iterator[_Derived]:
    named = {environment.cluster: index for index, environment in reversed([*enumerate(answers.environments)])}
    for cluster in answers.clusters:
        route: Route = ("environments", named[cluster], "cluster") if cluster in named else ()
        for prefix in prefixes:
            alone = cluster == IN_CLUSTER and prefix != "platform"
            yield _Derived(prefix if alone else f"{prefix}-{cluster}", route, f"the platform on cluster {cluster!r}")
