"""The findings that were there when a repository took up the linter: fingerprints alone, so that no value is in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith.finding import Failure, Finding, Suppressed

FILE_NAME = ".gitopsmith/baseline.json"
"""Where it lies unless the user says otherwise: beside what else the program writes."""
VERSION = 1
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")


class Hidden(NamedTuple):
    """What a baseline leaves of findings, what it hides of them, and how many of its entries nothing needs."""

    kept: list[Finding]
    hidden: list[Suppressed]
    stale: int


class Baseline(NamedTuple):
    """Fingerprints of findings; one that stands twice hides two findings."""

    fingerprints: tuple[str, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """Returns the baseline that hides just these findings."""
        return cls(tuple(sorted(finding.fingerprint for finding in findings)))

    def hide(self, findings: Iterable[Finding]) -> Hidden:
        """Parts findings into those that stay and those that were there before, in the order that they are given."""
        left = Counter(self.fingerprints)
        kept: list[Finding] = []
        hidden: list[Suppressed] = []
        for finding in findings:
            if left[finding.fingerprint] > 0:
                left[finding.fingerprint] -= 1
                hidden.append(Suppressed(finding, "it was there before", "baseline"))
            else:
                kept.append(finding)
        return Hidden(kept, hidden, sum(left.values()))

    def write(self, path: Path) -> None:
        """Writes the baseline, an entry a line, so that two branches that change it merge. Raises Failure."""
        content = json.dumps({"version": VERSION, "findings": sorted(self.fingerprints)}, indent=1) + "\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            raise Failure(f"cannot write {path}: {error.strerror}", status=3) from error


def read(path: Path) -> Baseline:
    """Reads a baseline. Raises Failure where there is none, or something else."""
    try:
        body: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path}: this is no baseline, for it is no JSON; {_REMEDY}") from error
    if not isinstance(body, dict) or not isinstance(body.get("findings"), list):
        raise Failure(f"{path}: this is no baseline, which has a list of findings; {_REMEDY}")
    if body.get("version") != VERSION:
        raise Failure(f"{path}: this is a baseline of version {body.get('version')}, not {VERSION}; {_REMEDY}")
    for entry in body["findings"]:
        if not isinstance(entry, str) or not _FINGERPRINT.fullmatch(entry):
            raise Failure(f"{path}: {entry!r} is no fingerprint; {_REMEDY}")
    return Baseline(tuple(body["findings"]))


_REMEDY = "write it anew with gitopsmith lint --write-baseline"
