"""Reads and writes the file that keeps holds, and tells Renovate of them where it is configured in JSON."""

from __future__ import annotations

from collections.abc import Iterable

from gitopsmith import edit
from gitopsmith.finding import Failure
from gitopsmith.holds import renovate
from gitopsmith.holds.model import Hold, Read, Written
from gitopsmith.manifest import get, text

FILE_NAME = ".gitopsmith/holds.yaml"
_HEAD = "# What was rolled back. `gitopsmith release` and `promote` refuse it; a newer version lifts its hold.\n"
_REQUIRED = ("application", "environment", "image")


def read(written: str | None, path: str = FILE_NAME) -> tuple[Hold, ...]:
    """Returns the holds of a file. Raises Failure, with path and line, where it is not what it should be."""
    found = edit.opened(written, path) if written else ()
    if not found or found[0].body is None:
        return ()
    document, listed = found[0], get(found[0].body, "holds")
    if not isinstance(listed, list):
        raise Failure(f"{path}:{document.location(path).line}: this must be a map whose key `holds` is a list")
    for index, item in enumerate(listed):
        missing = [name for name in _REQUIRED if not text(item, name)]
        if missing:
            place = document.location(path, ("holds", index))
            raise Failure(f"{path}:{place.line}: this hold needs {', '.join(missing)}, as text")
    return tuple(Hold(*(text(item, name) for name in Hold._fields)) for item in listed)


def put(reading: Read, hold: Hold, folders: Iterable[str], below: str = "") -> Written:
    """Returns the files with one more hold; ``folders`` is where the application's version for this environment stands.

    ``below`` is where the repository lies in the work tree, empty or with a slash behind it. A hold on the same image
    that is there already changes nothing. Raises Failure where a file is broken.
    """
    path = below + FILE_NAME
    before = reading(path)
    known = read(before, path)
    if any(one[:3] == hold[:3] for one in known):
        return Written({})
    item = {name: value for name, value in hold._asdict().items() if value}
    after = edit.append(before if known and before else f"{_HEAD}holds:\n", ("holds",), item, path=path)
    told = renovate.put(reading, hold, folders)
    return Written({path: after, **told.files}, told.notes)


def lift(reading: Read, holds: Iterable[Hold], below: str = "") -> Written:
    """Returns the files without some holds; the file goes with the last of them."""
    path, gone = below + FILE_NAME, set(holds)
    after = reading(path)
    while gone & set(known := read(after, path)):
        assert after is not None
        if set(known) <= gone:
            after = None
        else:
            after = edit.remove(after, ("holds", next(at for at, one in enumerate(known) if one in gone)), path=path)
    changed = {path: after} if gone and after != reading(path) else {}
    told = renovate.lift(reading, gone)
    return Written({**changed, **told})
