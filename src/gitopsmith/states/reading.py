"""Renders what one application is at a commit, or in a tree that is no commit yet."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import evaluate, excerpt, workload
from gitopsmith.application import Application
from gitopsmith.applied import Applied, Delivery, Manifest, complete, deliveries, look, settings
from gitopsmith.applied.sides import Side
from gitopsmith.applied.working import speaks_of_argo
from gitopsmith.config import Config
from gitopsmith.finding import Failure
from gitopsmith.graph import Build
from gitopsmith.manifest import Resource
from gitopsmith.render import kustomize
from gitopsmith.states.archive import Archive
from gitopsmith.states.finding import Place, find, is_meant, placed
from gitopsmith.tree import Tree


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What an application is in an environment: its manifests, or why they are not to be had.

    ``inputs`` maps every path that they are made from to a digest of what is there. ``is_broken`` tells that nobody can
    render it; else a failure may be one of this checkout alone, as with a remote base.
    """

    place: Place | None
    manifests: tuple[Manifest, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    is_broken: bool = False

    def is_same(self, other: State) -> bool:
        """Tells whether the very same is applied; of what cannot be rendered, whether it is made from the same."""
        if (self.texts, self.failure) != (other.texts, other.failure):
            return False
        return not self.failure or self.inputs == other.inputs

    @property
    def texts(self) -> tuple[str, ...]:
        """The manifests as they are applied."""
        return tuple(manifest.text for manifest in self.manifests)

    @property
    def images(self) -> dict[str, str]:
        """The image of every container, by ``Kind/name container``."""
        return {
            f"{manifest.object} {container.get('name', '?')}": str(container.get("image") or "")
            for manifest in self.manifests
            for _, container in workload.containers(manifest.resource)
        }


@dataclass(slots=True, eq=False)
class Reader:
    """Reads states of one repository, whose checkout lies around ``root``, as its ``branch`` would have them."""

    root: Path
    branch: str
    jobs: int = 0
    timeout: float = kustomize.TIMEOUT
    archive: Archive = field(init=False)
    _places: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    _states: dict[tuple[str, str, str], State] = field(default_factory=dict)
    _applications: dict[str, tuple[Application, ...]] = field(default_factory=dict)
    _seen: dict[Hashable, tuple[tuple[Place, ...], tuple[Resource, ...]]] = field(default_factory=dict)
    _rendered: dict[tuple[Hashable, str, str], State] = field(default_factory=dict)
    _projects: dict[str, tuple[Resource, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.archive = Archive(self.root, self.branch)

    def settings(self, tree: str) -> Config:
        """Returns what a commit or tree says about itself. Raises Failure where that is wrong."""
        return self.archive.settings(tree)

    def places(self, tree: str) -> tuple[Place, ...]:
        """Returns every application in every environment at a commit or in a tree of git."""
        if tree not in self._places:
            with self.archive.whole(tree) as read:
                self._look(read, tree)
        return self._places[tree]

    def projects(self, tree: str) -> tuple[Resource, ...]:
        """Returns every AppProject that a commit or tree of git applies."""
        self.places(tree)
        return self._projects[tree]

    def place(self, tree: str, app: str, environment: str) -> Place:
        """Returns one application in one environment. Raises Failure where it cannot be found."""
        state = self.state(tree, app, environment)
        return state.place or find(self.places(tree), app, environment)

    def named(self, tree: str, app: str) -> tuple[Place, ...]:
        """Returns all places that may be meant by the name of an application, and more; all there is if none is."""
        seen = self._part(tree, app)
        meant = seen is not None and any(is_meant(place, app) for place in seen[0])
        return seen[0] if seen is not None and meant else self.places(tree)

    def project(self, tree: str, place: Place) -> Resource | None:
        """Returns the AppProject of an application as a commit or tree of git applies it."""
        seen = self._part(tree, place.application.name)
        projects = seen[1] if seen is not None else self.projects(tree)
        return next((one for one in projects if one.name == place.application.project), None)

    def state(self, tree: str, app: str, environment: str) -> State:
        """Returns what an application is in an environment at a commit, or in a tree that is no commit yet.

        Where it cannot be found or rendered there, the state says why.
        """
        key = (tree, app, environment)
        if key not in self._states:
            self._states[key] = self._narrow(*key) or self._whole(*key)
        return self._states[key]

    def applications(self, tree: str) -> tuple[Application, ...]:
        """Returns every Application that a commit or tree of git has, those of no environment too."""
        self.places(tree)
        return self._applications[tree]

    def states(self, tree: str, environment: str = "") -> tuple[State, ...]:
        """Returns the state of every application in every environment, or in one."""
        with self.archive.whole(tree) as read:
            applied = self._look(read, tree)
            places = [place for place in self._places[tree] if environment in {"", place.environment.name}]
            applied = complete(applied, {build for place in places for build in place.builds})
            return tuple(_state(applied, place) for place in places)

    def _narrow(self, tree: str, app: str, environment: str) -> State | None:
        """Renders nothing but what brings the application; None where it cannot be found so.

        A commit in which all that is the same was rendered already.
        """
        part = self.archive.part(tree, app)
        if part is None:
            return None
        key = (excerpt.contents(*part), app, environment)
        if key not in self._rendered:
            with self.archive.taken(part) as read, contextlib.suppress(Failure):
                applied, places = self._look_at(read, key[0])
                self._rendered[key] = _found(applied, find(places, app, environment))
        return self._rendered.get(key)

    def _part(self, tree: str, app: str) -> tuple[tuple[Place, ...], tuple[Resource, ...]] | None:
        part = self.archive.part(tree, app)
        if part is None:
            return None
        key = excerpt.contents(*part)
        if key not in self._seen:
            with self.archive.taken(part) as read:
                self._look_at(read, key)
        return self._seen[key]

    def _look_at(self, read: Side, key: Hashable) -> tuple[Applied, tuple[Place, ...]]:
        applied, delivered = self._applied(read)
        places = placed(delivered, applied.said.environments)
        self._seen[key] = (places, applied.graph.projects)
        return applied, places

    def _whole(self, tree: str, app: str, environment: str) -> State:
        with self.archive.whole(tree) as read:
            try:
                applied = self._look(read, tree)
                return _found(applied, find(self._places[tree], app, environment))
            except Failure as error:
                return State(None, failure=str(error))

    def _look(self, read: Side, tree: str) -> Applied:
        applied, delivered = self._applied(read)
        self._places[tree] = placed(delivered, applied.said.environments)
        self._applications[tree] = tuple(one.application for one in delivered if one.application)
        self._projects[tree] = applied.graph.projects
        return applied

    def _applied(self, read: Side) -> tuple[Applied, tuple[Delivery, ...]]:
        """Works through a tree, and renders only what may hold Applications."""
        said = settings(read.tree)
        applied = look(read.tree, said, read.checkout, jobs=self.jobs, timeout=self.timeout, skip=_is_no_application)
        return applied, deliveries(applied)


def _is_no_application(build: Build, files: Tree) -> bool:
    return not speaks_of_argo(files, build)


def _found(applied: Applied, place: Place) -> State:
    return _state(complete(applied, place.builds), place)


def _state(applied: Applied, place: Place) -> State:
    results = applied.graph.results
    inputs = {path: digest for build in place.builds for path, digest in evaluate.inputs(applied.tree, build).items()}
    failures = [failed for build in place.builds if build in results and (failed := results[build].failure)]
    failure = f"{failures[0].directory or '.'} cannot be rendered: {failures[0].message}" if failures else ""
    manifests = tuple(one for build in place.builds for one in applied.manifests.get(build, ()))
    return State(place, manifests, inputs, failure, any(failed.kind == "error" for failed in failures))
