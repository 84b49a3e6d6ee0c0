"""Keeps Renovate from proposing what is held: a rule of ``packageRules`` for each hold.

``allowedVersions`` takes a regular expression, and one that begins with ``!`` leaves out what it matches (Renovate's
documentation of its options). So newer versions are still proposed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from gitopsmith import edit, image
from gitopsmith.finding import Failure
from gitopsmith.holds.model import Hold, Read, Written
from gitopsmith.manifest import sequence, text

FILES = ("renovate.json", ".github/renovate.json", ".gitlab/renovate.json", ".renovaterc.json", ".renovaterc")
"""Where Renovate looks for its configuration, of what is plain JSON."""
_RULES = "packageRules"
_MARK = "gitopsmith.io/hold"
"""Stands in for a rule, while it is put where it belongs."""


def put(reading: Read, hold: Hold, folders: Iterable[str]) -> Written:
    """Returns Renovate's configuration with a rule for a hold; nothing where there is no Renovate."""
    path, before = _found(reading)
    held = image.parse(hold.image)
    if not path:
        return Written({})
    if not held.tag:
        return Written(
            {}, (f"Renovate may propose {hold.image} again: it has no tag by which {path} could leave it out",)
        )
    try:
        after = edit.append(before, (_RULES,), _MARK, path=path)
        after = re.sub(f'(?m)(?<!"){_RULES}(?=: )', f'"{_RULES}"', after)
        after = re.sub(f"[\"']?{re.escape(_MARK)}[\"']?", lambda _: json.dumps(_rule(hold, folders)), after)
        json.loads(after)
    except (Failure, ValueError) as error:
        return Written({}, (f"Renovate may propose {hold.image} again: {path} cannot be edited ({error})",))
    return Written({path: after})


def lift(reading: Read, holds: Iterable[Hold]) -> dict[str, str | None]:
    """Returns Renovate's configuration without the rules for some holds."""
    path, before = _found(reading)
    gone, after = {_description(hold) for hold in holds}, before
    while (at := _first(after, gone)) is not None:
        only = len(sequence(_body(after), _RULES)) == 1
        if only:
            return {}  # a rule about a version that is not proposed any more does no harm
        after = edit.remove(after, (_RULES, at), path=path)
    return {path: after} if after != before else {}


def _first(written: str, descriptions: set[str]) -> int | None:
    rules = enumerate(sequence(_body(written), _RULES))
    return next((at for at, rule in rules if text(rule, "description") in descriptions), None)


def _found(reading: Read) -> tuple[str, str]:
    for path in FILES:
        written = reading(path)
        if written is not None:
            return path, written
    return "", ""


def _body(written: str) -> Any:
    try:
        return json.loads(written or "{}")
    except ValueError:
        return {}


def _rule(hold: Hold, folders: Iterable[str]) -> dict[str, Any]:
    held = image.parse(hold.image)
    return {
        "description": _description(hold),
        "matchFileNames": [f"{folder}/**" if folder else "**" for folder in folders],
        "matchPackageNames": [held.name],
        "allowedVersions": f"!/^{re.escape(held.tag)}$/",
    }


def _description(hold: Hold) -> str:
    return f"gitopsmith holds {hold.image} back from {hold.application} in {hold.environment}"
