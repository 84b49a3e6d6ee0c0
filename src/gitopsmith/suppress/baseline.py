"""The findings that were there when a repository took up the linter, a line each, without any value of theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith.finding import Failure, Finding, Suppressed

FILE_NAME = ".gitopsmith/baseline.txt"
"""Where it lies unless the user says otherwise: beside what else the program writes."""
_FIRST = "# gitopsmith baseline 2"
"""Demanded, since it says which program's file this is, and in which form."""
_HEAD = f"""\
{_FIRST}
# What was wrong when the linter came, and does not count: fingerprint, rule and file of each finding.
# gitopsmith lint --prune-baseline takes out what is gone, --write-baseline also puts in what is new.
"""
_LINE = re.compile(r"([0-9a-f]{32}) ([a-z][a-z0-9-]*) (\S.*)")
_REMEDY = "write it anew with gitopsmith lint --write-baseline"


class Entry(NamedTuple):
    """A finding that was there. Its fingerprint decides; the file, from the root, and the rule are for readers."""

    path: str
    rule: str
    fingerprint: str

    @classmethod
    def of(cls, finding: Finding) -> Entry:
        # A line break in a file's name would end the entry.
        path = finding.location.path.encode("unicode_escape").decode("ascii")
        return cls(path, finding.rule, finding.fingerprint)

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.rule} {self.path}"


class Hidden(NamedTuple):
    """What a baseline leaves of findings, what it hides of them, and the entries that hid nothing."""

    kept: list[Finding]
    hidden: list[Suppressed]
    stale: tuple[Entry, ...]


class Baseline(NamedTuple):
    """Entries, sorted; a fingerprint that stands twice hides two findings."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """Returns the baseline that hides just these findings."""
        return cls(tuple(sorted(map(Entry.of, findings))))

    def hide(self, findings: Iterable[Finding]) -> Hidden:
        """Parts findings into those that stay and those that were there before, in the order that they are given."""
        left = Counter(entry.fingerprint for entry in self.entries)
        kept: list[Finding] = []
        hidden: list[Suppressed] = []
        for finding in findings:
            if left[finding.fingerprint] > 0:
                left[finding.fingerprint] -= 1
                hidden.append(Suppressed(finding, "it was there before", "baseline"))
            else:
                kept.append(finding)
        return Hidden(kept, hidden, tuple(self._left(left)))

    def _left(self, left: Counter[str]) -> Iterator[Entry]:
        for entry in self.entries:
            if left[entry.fingerprint] > 0:
                left[entry.fingerprint] -= 1
                yield entry

    def write(self, path: Path) -> None:
        """Writes the baseline, sorted by file, so that branches which change different files merge. Raises Failure."""
        content = _HEAD + "".join(f"{entry}\n" for entry in self.entries)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
        except OSError as error:
            raise Failure(f"cannot write {path}: {error.strerror}", status=3) from error


def read(path: Path) -> Baseline:
    """Reads a baseline, its lines in any order. Raises Failure where there is none, or something else."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{path}: this is no baseline, for it is no text; {_REMEDY}") from error
    if lines[:1] != [_FIRST]:
        raise Failure(f"{path}: this is no baseline of this version, which begins with {_FIRST!r}; {_REMEDY}")
    return Baseline(tuple(sorted(_entries(path, lines))))


def _entries(path: Path, lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        if (found := _LINE.fullmatch(line)) is None:
            raise Failure(f"{path}:{number}: this is no entry, which is a fingerprint, a rule and a file; {_REMEDY}")
        yield Entry(found[3], found[2], found[1])
