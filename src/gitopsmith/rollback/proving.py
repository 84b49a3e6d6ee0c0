"""Proves a rollback by what is rendered: that the environment is what it was then, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsmith.applied import Manifest
from gitopsmith.diff import pairing
from gitopsmith.diff.values import Section
from gitopsmith.proposal import Weighed, outside
from gitopsmith.rollback.sides import Sides
from gitopsmith.rollback.withheld import is_secret
from gitopsmith.states import Place, State


def differing(one: State, other: State, *, secrets: bool) -> tuple[str, ...]:
    """Returns the objects that two states do not have alike; secrets and what they are called only if asked for."""
    texts = [dict(_plain(state.manifests, secrets=secrets)) for state in (one, other)]
    return tuple(name for name in dict.fromkeys((*texts[0], *texts[1])) if texts[0].get(name) != texts[1].get(name))


def _plain(manifests: Iterable[Manifest], *, secrets: bool) -> Iterator[tuple[str, str]]:
    """Yields every object with its text; a Secret that is named by its content is called as its generator is."""
    found = tuple(manifests)
    if secrets:
        yield from ((_name(one), one.text) for one in found)
        return
    names = {one.object.name: pairing.generated_name(one.object.name) for one in found if is_secret(one.resource.body)}
    for one in found:
        if not is_secret(one.resource.body):
            text = one.text
            for name, plain in names.items():
                text = text.replace(name, plain) if plain else text
            yield _name(one), text


def _name(manifest: Manifest) -> str:
    namespace = f"{manifest.object.namespace}/" if manifest.object.namespace else ""
    return f"{manifest.object.kind} {namespace}{manifest.object.name}"


def elsewhere(sides: Sides, weighed: Weighed) -> tuple[str, ...]:
    """Returns what else a change reaches: other applications, other environments, and why that cannot be known."""
    place = sides.here
    found = []
    for section in outside(weighed, place.application.name, place.environment.name):
        is_this = section.label == place.application.name and set(section.environments) == _environments(sides)
        # What an Application with options of its own applies is another build than that of its folder alone.
        is_bare = not section.is_application and {*section.entries} <= {*place.entries}
        if not (is_this or is_bare or _is_application(section, place.application.name)):
            where = f" in {', '.join(section.environments)}" if section.environments else ""
            found.append(f"{section.label}{where}{': ' + section.uncertain[0] if section.uncertain else ''}")
    return tuple(found)


def _environments(sides: Sides) -> set[str]:
    """Returns the names of all environments that the Application belongs to."""
    name = sides.here.application.name
    return {one.environment.name for one in sides.reader.named(sides.tip, name) if _is_same(one, sides.here)}


def _is_same(one: Place, other: Place) -> bool:
    """Tells whether two places are one Application, which may belong to several environments."""
    paths = {each.application.resource.origin.path for each in (one, other)}
    return one.application.key == other.application.key and one.entries == other.entries and len(paths) == 1


def _is_application(section: Section, name: str) -> bool:
    """Tells whether all that changes is the Application itself, which another one deploys."""
    objects = [change.object for change in section.changes]
    return bool(objects) and all((one.kind, one.name) == ("Application", name) for one in objects)
