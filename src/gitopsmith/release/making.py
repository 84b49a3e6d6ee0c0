"""Makes the proposal of a wish: images to run, and files to have, for one application in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from gitopsmith import git, holds, image
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.holds import Hold, Written
from gitopsmith.image import Image
from gitopsmith.proposal import Proposal
from gitopsmith.release.setting import set_images
from gitopsmith.states import Place, Reader
from gitopsmith.tree import join

PROMOTE_FROM = "Promote-From"
"""The trailer that says whose version it is, and on which commit that was looked at."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application shall be in an environment.

    ``images`` maps containers, ``Kind/name container``, to what they shall run, ``files`` paths to what shall be there.
    ``verb`` is what is done, and ``trailers`` say more about it in the commit.
    """

    verb: str
    place: Place
    images: Mapping[str, Image]
    files: Mapping[str, Entry | None] = field(default_factory=dict)
    trailers: Mapping[str, str] = field(default_factory=dict)


def make(reader: Reader, base: str, wish: Wish, *, force: bool = False) -> Proposal | None:
    """Returns the proposal of a wish on top of a commit, None where all is so already.

    Raises Failure for a version that is on hold, unless it is forced, and where there is no way to write it.
    """
    place = wish.place
    running = reader.state(base, place.application.name, place.environment.name)
    if running.failure:
        raise Failure(f"{place}: {running.failure}")
    old = {name: running.images[name] for name in wish.images if running.images[name] != str(wish.images[name])}
    files = {path: entry for path, entry in wish.files.items() if writing.entry_at(reader.root, base, path) != entry}
    if not old and not files:
        return None
    below = git.below(reader.root)
    kept = holds.texts(reader.root, base, below)
    lifted = _lifted(kept, below, wish, force=force)
    with reader.archive.tree(base) as tree:
        texts = set_images(tree, place, partial(reader.places, base), {old[name]: wish.images[name] for name in old})
    written = {join(below.rstrip("/"), path): text for path, text in texts.items()}
    clash = sorted(set(written) & set(files))
    if clash:
        raise Failure(f"{clash[0]} says which image runs, so it cannot be promoted as a file")
    freed = holds.change(kept, below, lift=lifted) if lifted else Written({})
    entries = {path: _stored(reader, base, path, text) for path, text in {**written, **freed.files}.items()}
    return replace(_worded(wish, old, files, entries), direct=freed.aside)


def _worded(
    wish: Wish, old: Mapping[str, str], taken: Mapping[str, Entry | None], edited: Mapping[str, Entry | None]
) -> Proposal:
    place, new = wish.place, {name: wish.images[name] for name in old}
    references = ", ".join(dict.fromkeys(map(str, new.values())))
    trailers = {"App": place.app, "Environment": place.environment.name, **wish.trailers}
    return Proposal(
        f"{wish.verb}({place.environment.name}/{place.app}): {_versions(old, new)}",
        {**taken, **edited},
        trailers={**trailers, **({"Image": references} if references else {})},
        name=f"{wish.verb}-{place.app}-{place.environment.name}",
        images={_called(name): str(one) for name, one in new.items()},
        taken=taken,
        passing=frozenset({PROMOTE_FROM}),
    )


def _called(container: str) -> str:
    """Returns what a difference calls the image of a container."""
    where, _, name = container.rpartition(" ")
    return f"image of {name} in {where}"


def _versions(old: Mapping[str, str], new: Mapping[str, Image]) -> str:
    pairs = dict.fromkeys((image.parse(old[name]), new[name]) for name in old)
    if not pairs:
        return "configuration files"
    if len(pairs) > 1:
        return ", ".join(f"{one.name.rpartition('/')[2]} {one.version}" for _, one in pairs)
    before, after = next(iter(pairs))
    same = before.version == after.version
    return f"{before} -> {after}" if same else f"{before.version} -> {after.version}"


def _lifted(kept: Mapping[str, str], below: str, wish: Wish, *, force: bool) -> tuple[Hold, ...]:
    """Returns the holds that end with a wish. Raises Failure for one that is against it."""
    place = wish.place
    known = {hold: path for path, hold in holds.read(kept, below).items()}
    key = (place.app, place.environment.name)
    found: dict[Hold, None] = {}
    for new in dict.fromkeys(map(str, wish.images.values())):
        against = holds.find(known, *key, new)
        if against is not None and not force:
            raise Failure(f"{against.told}; --force brings it all the same ({known[against]})", status=1)
        found |= dict.fromkeys(holds.lifted(known, *key, new))
    return tuple(found)


def _stored(reader: Reader, base: str, path: str, text: str | None) -> Entry | None:
    if text is None:
        return None
    was = writing.entry_at(reader.root, base, path)
    return Entry(was.mode if was else writing.FILE, writing.store_text(reader.root, text))
