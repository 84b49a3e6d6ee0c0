"""Which AppProjects an Application may belong to, as far as a repository tells it, and what they deny."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gitopsmith import documents
from gitopsmith.application import Application, Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, mapping, scalars, sequence, text
from gitopsmith.secrets import is_filled_in_later

DEFAULT = "default"
"""The project that Argo CD makes where nobody else does, and that allows everything then."""


def candidates(repository: Repository, application: Application) -> tuple[Project, ...]:
    """Returns every project that an Application may belong to, by the name that it asks for, of whichever environment.

    Global projects, which argocd-cm names with the labels of the projects that they add to (``GetGlobalProjects`` in
    ``util/argo/argo.go``), are added. Where nobody knows what argocd-cm says, any other project may be added to one
    that has labels. None at all, where one of them is a template, or is added to by one that is not here.
    """
    known = repository.candidates
    if application.project not in known:
        known[application.project] = _named(repository, application.project)
    return known[application.project]


def _named(repository: Repository, name: str) -> tuple[Project, ...]:
    found = [each for each in repository.projects if each.name == name]
    if any(_is_template(each) for each in found):
        return ()
    if repository.settings is None:
        return tuple(project for each in found for project in _with_any(each, repository.projects))
    seen = [_with_named(each, repository) for each in found]
    return tuple(project for project in seen if project is not None) if None not in seen else ()


def _with_any(project: Resource, others: Iterable[Resource]) -> Iterator[Project]:
    own = projects.read(project.body)
    yield own
    for other in others if project.labels else ():
        if other.name != project.name:
            yield projects.with_global(own, projects.read(other.body))


def _with_named(project: Resource, repository: Repository) -> Project | None:
    """Returns a project with the global ones that argocd-cm adds, None where that cannot be told."""
    own = projects.read(project.body)
    entries = _entries(text(repository.settings, "globalProjects"))
    for entry in () if entries is None else entries:
        name, selector = text(entry, "projectName"), mapping(entry, "labelSelector")
        if name != project.name and _selects(selector, project.labels):
            added = [each for each in repository.projects if each.name == name]
            if len(added) != 1 or _is_template(added[0]):
                return None
            own = projects.with_global(own, projects.read(added[0].body))
    return None if entries is None else own


def _entries(written: str) -> list[Any] | None:
    """Reads the list of global projects, None where it is no list."""
    found = documents.load(written) if written.strip() else []
    return found if isinstance(found, list) else None


def _selects(selector: dict[str, Any], labels: dict[str, Any]) -> bool:
    """Tells whether labels are those that a selector asks for; one that asks for nothing selects everything."""
    plain = all(labels.get(name) == value for name, value in mapping(selector, "matchLabels").items())
    return plain and all(_meets(expression, labels) for _, expression in items(selector, "matchExpressions"))


def _meets(expression: dict[str, Any], labels: dict[str, Any]) -> bool:
    key, values = text(expression, "key"), sequence(expression, "values")
    return {
        "In": key in labels and labels[key] in values,
        "NotIn": key not in labels or labels[key] not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(text(expression, "operator"), False)


def all_deny(found: Iterable[Project], permits: Callable[[Project], bool | None]) -> bool:
    """Tells whether there is a project, and none that may permit something."""
    answers = [permits(project) for project in found]
    return bool(answers) and all(answer is False for answer in answers)


def doubt(application: Application) -> Severity | None:
    """Returns the severity of a denial that is not sure, None of one that is.

    Every Argo CD has a project ``default`` of its own, and knows other clusters than those of the configuration from
    which an ApplicationSet generates.
    """
    sampled = application.generation is not None and application.generation.sampled
    return Severity.WARNING if sampled or application.project == DEFAULT else None


def where(repository: Repository, application: Application) -> str:
    """Names the project of an Application, with the file in which it is found first."""
    paths = sorted(
        each.origin.path for each in repository.projects if each.name == application.project and each.origin.path
    )
    return f"AppProject {application.project!r}" + (f" ({paths[0]})" if paths else "")


def listed(texts: Iterable[str]) -> str:
    """Writes what a project allows, the first three of it."""
    found = list(dict.fromkeys(texts))
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(found[:3]) + more if found else "nothing"


def _is_template(project: Resource) -> bool:
    return any(isinstance(value, str) and is_filled_in_later(value) for _, value in scalars(project.body))
