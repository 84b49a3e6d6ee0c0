"""Reads and writes the files that keep holds, and tells Renovate of them where it is configured in JSON.

Each hold has a file of its own, so that two branches that put something on hold never conflict.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gitopsmith import edit, image
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.holds import renovate
from gitopsmith.holds.model import Hold, Written
from gitopsmith.manifest import sequence, text

FOLDER = ".gitopsmith/holds"
OLD_FILE = ".gitopsmith/holds.yaml"
"""What once held all of them."""
_HEAD = "# This was rolled back. `gitopsmith release` and `promote` refuse it; a newer version takes this file away.\n"
_REQUIRED = ("application", "environment", "image")


def texts(root: Path, commit: str, below: str = "") -> dict[str, str]:
    """Returns the files of a commit that are about holds, Renovate's too, by their paths in the work tree.

    ``below`` is where the repository lies in the work tree, empty or with a slash behind it.
    """
    found = writing.entries(root, commit, (below + FOLDER, below + OLD_FILE, *renovate.FILES))
    blobs = {path: entry.blob for path, entry in found.items() if entry.is_file}
    read = dict(writing.contents(root, (*dict.fromkeys(blobs.values()),)))
    return {path: read[blob].decode("utf-8", "surrogateescape") for path, blob in blobs.items()}


def read(files: Mapping[str, str], below: str = "") -> dict[str, Hold]:
    """Returns the holds by their paths. Raises Failure, with path and line, for one that is not what it should be."""
    folder, old = f"{below}{FOLDER}/", below + OLD_FILE
    if old in files:
        raise Failure(
            f"{old}: each hold has a file of its own now, so that rollbacks do not conflict; write every entry of this "
            f"list into {folder}NAME.yaml, as the map that it is, and delete this file"
        )
    paths = sorted(path for path in files if path.startswith(folder) and path.endswith((".yaml", ".yml")))
    return {path: _hold(files[path], path) for path in paths}


def change(
    files: Mapping[str, str], below: str = "", *, put: Iterable[Hold] = (), lift: Iterable[Hold] = ()
) -> Written:
    """Returns the files with some holds more and some less, and Renovate's rules in line with all that are left.

    A hold on the same image that is there already changes nothing. Raises Failure where a file is broken.
    """
    known, ending = read(files, below), set(lift)
    gone = {path: None for path, hold in known.items() if hold in ending}
    staying = [hold for path, hold in known.items() if path not in gone]
    new = [hold for hold in put if hold[:3] not in {one[:3] for one in staying}]
    told = renovate.aligned(files, (*staying, *new), new)
    added = {below + path_of(hold): _written(hold) for hold in new}
    return Written({**gone, **added, **told.files}, told.notes, frozenset(told.files))


def path_of(hold: Hold) -> str:
    """Returns the path of the file that keeps a hold: it says what is held where, and is no other's."""
    held = image.parse(hold.image)
    words = f"{hold.environment}-{hold.application}-{held.name.rpartition('/')[2]}-{held.tag or 'digest'}"
    mark = hashlib.sha256("\n".join(hold[:3]).encode("utf-8", "surrogateescape")).hexdigest()[:7]
    return f"{FOLDER}/{re.sub(r'[^a-z0-9.]+', '-', words.lower())[:80].strip('-.')}-{mark}.yaml"


def _hold(written: str, path: str) -> Hold:
    document = next(iter(edit.opened(written, path)), None)
    body = document.body if document else None
    missing = [name for name in _REQUIRED if not text(body, name)]
    if missing:
        line = document.location(path).line if document else 1
        raise Failure(f"{path}:{line}: a hold needs {', '.join(missing)}, as text")
    told = {name: text(body, name) for name in Hold._fields if name != "folders"}
    folders = tuple(one for one in sequence(body, "folders") if isinstance(one, str))
    return Hold(**told, folders=folders)


def _written(hold: Hold) -> str:
    import yaml  # noqa: PLC0415 - only where something is put on hold

    body = {name: list(value) if name == "folders" else value for name, value in hold._asdict().items() if value}
    return _HEAD + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1000)
