"""Keeps Renovate from proposing what is held: a rule of ``packageRules`` for each hold.

``allowedVersions`` takes a regular expression, and one that begins with ``!`` leaves out what it matches (Renovate's
documentation of its options). So newer versions are still proposed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gitopsmith import edit, image
from gitopsmith.finding import Failure
from gitopsmith.holds.model import Hold, Written
from gitopsmith.manifest import sequence, text

FILES = ("renovate.json", ".github/renovate.json", ".gitlab/renovate.json", ".renovaterc.json", ".renovaterc")
"""Where Renovate looks for its configuration, of what is plain JSON."""
_RULES = "packageRules"
_OURS = "gitopsmith holds "
_MARK = "gitopsmith.io/hold"
"""Stands in for a rule, while it is put where it belongs."""


def aligned(files: Mapping[str, str], holds: Iterable[Hold], new: Iterable[Hold]) -> Written:
    """Returns Renovate's configuration with one rule for each hold, and without those of holds that have ended.

    ``notes`` say which of the ``new`` ones it cannot be told of.
    """
    path = next((one for one in FILES if one in files), "")
    if not path:
        return Written({})
    wanted = {_description(hold): hold for hold in holds if image.parse(hold.image).tag and hold.folders}
    try:
        after = _without_others(_with_all(files[path], path, wanted), path, wanted)
    except (Failure, ValueError) as error:
        return Written({}, tuple(_untold(hold, f"{path} cannot be edited ({error})") for hold in new))
    notes = tuple(
        _untold(hold, f"it has no tag by which {path} could leave it out")
        for hold in new
        if not image.parse(hold.image).tag
    )
    return Written({path: after} if after != files[path] else {}, notes)


def _untold(hold: Hold, reason: str) -> str:
    return f"Renovate may propose {hold.image} again: {reason}"


def _with_all(written: str, path: str, wanted: Mapping[str, Hold]) -> str:
    there = {text(rule, "description") for rule in sequence(_body(written), _RULES)}
    for description, hold in wanted.items():
        if description not in there:
            written = edit.append(written, (_RULES,), _MARK, path=path)
            written = re.sub(f'(?m)(?<!"){_RULES}(?=: )', f'"{_RULES}"', written)
            rule = json.dumps(_rule(hold)).replace("\\", r"\\")
            written = re.sub(f"[\"']?{re.escape(_MARK)}[\"']?", rule, written)
            json.loads(written)
    return written


def _without_others(written: str, path: str, wanted: Mapping[str, Hold]) -> str:
    """Takes away the rules of holds that have ended, but for the only one that there is."""
    while (at := _first_other(written, wanted)) is not None:
        if len(sequence(_body(written), _RULES)) == 1:
            return written  # a rule about a version that is not proposed any more does no harm
        written = edit.remove(written, (_RULES, at), path=path)
    return written


def _first_other(written: str, wanted: Mapping[str, Hold]) -> int | None:
    told = (text(rule, "description") for rule in sequence(_body(written), _RULES))
    return next((at for at, one in enumerate(told) if one.startswith(_OURS) and one not in wanted), None)


def _body(written: str) -> Any:
    try:
        return json.loads(written or "{}")
    except ValueError:
        return {}


def _rule(hold: Hold) -> dict[str, Any]:
    held = image.parse(hold.image)
    return {
        "description": _description(hold),
        "matchFileNames": [f"{folder}/**" if folder else "**" for folder in hold.folders],
        "matchPackageNames": [held.name],
        "allowedVersions": f"!/^{re.escape(held.tag)}$/",
    }


def _description(hold: Hold) -> str:
    return f"{_OURS}{hold.image} back from {hold.application} in {hold.environment}"
