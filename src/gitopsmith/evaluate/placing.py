"""Gives a violation the place where a person mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitopsmith import kustomization as kustomizations
from gitopsmith import positions
from gitopsmith.application import Application, instance_name
from gitopsmith.argocd.overriding import overriding_files
from gitopsmith.config import Config
from gitopsmith.evaluate.judge import Judge
from gitopsmith.evaluate.mending import fix_of, in_application, in_kustomization, in_resource
from gitopsmith.finding import Finding, Location, Related, Route, Severity
from gitopsmith.graph import Build, SourceFinding
from gitopsmith.kustomization import Kustomization, Layer
from gitopsmith.manifest import Origin, Resource, get, mapping, pointer
from gitopsmith.policy import Violation
from gitopsmith.tree import Tree, join


def place_violation(
    judge: Judge,
    rule: str,
    violation: Violation,
    resource: Resource,
    entry: str | None,
    tree: Tree | None = None,
) -> Finding:
    """Points at a field of an object, with what mends it there. ``tree`` are the files that a build has instead."""
    located = _with_origin(judge, resource, entry)
    found = _placed(judge, rule, violation, located, entry, tree or judge.tree)
    if tree not in {None, judge.tree}:
        return found
    locate = in_resource(judge.tree, entry, located)
    return replace(found, fix=fix_of(judge, rule, resource, violation, locate))


def _with_origin(judge: Judge, resource: Resource, entry: str | None) -> Resource:
    if resource.origin != Origin() or entry is None:
        return resource
    return replace(resource, origin=judge.origin(Build("kustomize", entry), resource))


def _placed(
    judge: Judge, rule: str, violation: Violation, resource: Resource, entry: str | None, tree: Tree
) -> Finding:
    """Points at a field of an object whose origin is known."""
    place = positions.place(tree, entry or "", resource, violation.route)
    severity = min(violation.severity or judge.rules[rule], judge.rules[rule])
    source = place.document.body if place.document is not None else None
    named = mapping(source).get("kind") == resource.kind and get(source, "metadata", "name")
    return Finding(
        rule,
        severity,
        violation.message,
        place.location,
        resource.object,
        source=f"{resource.kind}/{named}" if named else "",
        pointer=pointer(resource.body, violation.route),
        related=rendered_by(judge.tree, entry) if entry not in {None, place.location.path.rpartition("/")[0]} else (),
    )


def rendered_by(tree: Tree, entry: str | None) -> tuple[Related, ...]:
    path = kustomizations.find(tree, entry) if entry is not None else None
    return (Related(Location(path, 1, 1, 1, 2), "rendered by this kustomization"),) if path else ()


def place_in_application(judge: Judge, rule: str, violation: Violation, application: Application) -> Finding:
    """Points at an Application's field, or at what gives it to a generated one in its ApplicationSet.

    What is generated for sample clusters is no more than a warning: each Argo CD of a repository knows others.
    """
    fix = fix_of(judge, rule, application, violation, in_application(judge, application))
    return replace(_in_application(judge, rule, violation, application), fix=fix)


def _in_application(judge: Judge, rule: str, violation: Violation, application: Application) -> Finding:
    resource, route = application.written(violation.route)
    located = _with_origin(judge, resource, application.entry)
    finding = _placed(judge, rule, violation._replace(route=route), located, application.entry, judge.tree)
    if application.generation is not None and application.generation.sampled:
        finding = replace(finding, severity=min(Severity.WARNING, finding.severity))
    return replace(finding, related=(*finding.related, *_parameters(judge, application)))


def _parameters(judge: Judge, application: Application) -> Iterator[Related]:
    """Yields where the parameters of a generated Application are written."""
    generation = application.generation
    if generation is not None and generation.element:
        resource = generation.application_set
        place = positions.place(judge.tree, application.entry or "", resource, generation.element)
        yield Related(place.location, f"{application.name} gets its parameters here")
    elif generation is not None and judge.tree.kind(generation.file) == "file":
        yield Related(Location(generation.file, 1, 1, 1, 2), f"{application.name} gets its parameters here")


def unplaced(judge: Judge, rule: str, message: str, build: Build | None = None) -> Finding:
    """Returns a finding that gets its place from the Application whose source is to blame for a build."""
    related = rendered_by(judge.tree, build.entry) if build is not None else ()
    return Finding(rule, judge.rules[rule], message, Location(""), related=related)


def place_in_kustomization(
    judge: Judge, item: Kustomization, rule: str, violation: Violation, subject: Kustomization | Layer | None = None
) -> Finding:
    """Points at a field of a kustomization; ``subject`` is what the policy looked at, where that is more."""
    location = item.document.location(item.path, violation.route) if item.document else Location(item.path, 1, 1, 1, 2)
    severity = min(violation.severity or judge.rules[rule], judge.rules[rule])
    named = kustomizations.keyed_pointer(item.body, violation.route)
    fix = fix_of(judge, rule, subject or item, violation, in_kustomization(judge.tree, item))
    return Finding(rule, severity, violation.message, location, pointer=named, fix=fix)


def place_in_configuration(judge: Judge, said: Config, rule: str, violation: Violation) -> Finding:
    """Points at what the configuration says; at its first line where it is not in the tree."""
    document = next(iter(judge.tree.documents(said.path).documents), None)
    location = document.location(said.path, violation.route) if document else Location(said.path, 1, 1, 1, 2)
    severity = min(violation.severity or judge.rules[rule], judge.rules[rule])
    named = pointer(document.body, violation.route) if document else ""
    return Finding(rule, severity, violation.message, location, pointer=named)


def place_in_source(judge: Judge, application: Application, source: Route, found: SourceFinding) -> Finding:
    """Returns a finding at the field of one Application that is to blame for it."""
    route = (*source, *found.route)
    placed = _in_application(judge, found.finding.rule, Violation(route, found.finding.message), application)
    about = found.finding.object or application.resource.object
    return replace(
        found.finding,
        location=_overriding(judge, application, source, found.route) or placed.location,
        object=about,
        pointer=found.finding.pointer or placed.pointer,
        source="",
        related=(*found.finding.related, *placed.related),
        fix=None,
    )


def _overriding(judge: Judge, application: Application, source: Route, route: Route) -> Location | None:
    """Returns where a file beside what is deployed sets a field of a source, None where none does."""
    asked = next(one for one in application.sources if one.route == source)
    for name in reversed(overriding_files(instance_name(application.resource))) if not asked.commit else ():
        path = join(asked.directory_path, name)
        document = next(iter(judge.tree.documents(path).documents), None)
        if document is not None and document.has(route):
            return document.location(path, route)
    return None
