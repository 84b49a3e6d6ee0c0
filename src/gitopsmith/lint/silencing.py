"""Silences findings: by comments, by the configuration, and by the baseline, in this order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import suppress
from gitopsmith.config import Config
from gitopsmith.finding import Failure, Finding, Note, Suppressed
from gitopsmith.lint.scope import Options
from gitopsmith.lint.settings import Rules
from gitopsmith.policy import Policy
from gitopsmith.suppress import Baseline, Entry
from gitopsmith.tree import Tree


class Silenced(NamedTuple):
    """The findings that stay, those that are silenced, and the entries of the baseline that nothing needs any more."""

    kept: list[Finding]
    silenced: list[Suppressed]
    stale: tuple[Entry, ...]


class Silencing(NamedTuple):
    """What silences findings. ``judged`` tells whether a rule has seen all that a file leads to.

    Complaints about suppressions are kept ``within`` some files where only a change is linted.
    """

    files: Tree
    settings: Config
    policies: tuple[Policy, ...]
    rules: Rules
    today: dt.date
    judged: Callable[[str, str], bool]
    baseline: Baseline
    within: frozenset[str] | None = None

    def silence(self, findings: Iterable[Finding]) -> Silenced:
        """Parts findings into those that stay and those that something silences."""
        known = frozenset(item.id for item in self.policies)
        kept, silenced = suppress.apply(self.files, findings, known, self.rules.judged, self.today, self.judged)
        left, weighed = self._weigh(finding for finding in kept if self._is_asked_for(finding))
        hidden = self.baseline.hide(sorted(left, key=lambda finding: finding.order))
        return Silenced(hidden.kept, [*silenced, *weighed, *hidden.hidden], hidden.stale)

    def _is_asked_for(self, finding: Finding) -> bool:
        own = finding.rule.startswith("suppression-")
        return not own or self.within is None or finding.location.path in self.within

    def _weigh(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
        """Applies the overrides; a rule that is off elsewhere is in force only where one of them says so."""
        families = {item.id: item.family for item in self.policies}
        kept: list[Finding] = []
        silenced: list[Suppressed] = []
        for finding in findings:
            weighed = suppress.override(finding, self.settings, families[finding.rule])
            if isinstance(weighed, Suppressed):
                silenced.append(weighed)
            elif weighed is not None:
                kept.append(weighed)
            elif finding.rule in self.rules.everywhere:
                kept.append(finding)
        return kept, silenced


def find_baseline(options: Options, root: Path) -> Path | None:
    """Returns the baseline's file: the one that was named, else the one in its usual place, None where there is none.

    Raises Failure where the named one is not there.
    """
    if not options.use_baseline:
        return None
    if options.baseline is not None:
        if not options.baseline.is_file():
            raise Failure(f"{options.baseline}: no such baseline; write it with gitopsmith lint --write-baseline")
        return options.baseline
    usual = root / suppress.FILE_NAME
    return usual if usual.is_file() and not options.isolated else None


def stale_notes(stale: Iterable[Entry]) -> Iterator[Note]:
    """Says that a baseline has entries which nothing needs any more, lest a new defect hide behind one."""
    said = "entries of the baseline hide nothing any more: gitopsmith lint --prune-baseline takes them out"
    return (Note("baseline", said, entry.path) for entry in stale)
