"""Says in a few lines what was fixed, what was not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gitopsmith.fix.editing import paths
from gitopsmith.fix.working import Left, Outcome
from gitopsmith.report import secret_yaml
from gitopsmith.report.excerpt import safe
from gitopsmith.report.summary import number, place


def told(outcome: Outcome, unwritten: tuple[Left, ...] = (), *, only_shown: bool = False) -> str:
    """Returns the number of fixes of each rule with their files, and each fix that was left out with its reason."""
    return "\n".join(map(_shown, _lines(outcome, unwritten, "would fix" if only_shown else "fixed"))) + "\n"


def _shown(line: str) -> str:
    return safe(secret_yaml.mask(line))


def _lines(outcome: Outcome, unwritten: tuple[Left, ...], verb: str) -> Iterator[str]:
    missed = [each.finding for each in unwritten]
    fixed = [each for each in outcome.fixed if each not in missed]
    files = {path for each in fixed for path in paths(each)}
    count = f"{number(len(fixed), 'finding')} in {number(len(files), 'file')}"
    yield f"{verb} {count}" if fixed else "nothing to fix" if not (outcome.left or unwritten) else "fixed nothing"
    for rule, times in sorted(Counter(each.rule for each in fixed).items(), key=lambda row: (-row[1], row[0])):
        where = {path: None for each in fixed if each.rule == rule for path in sorted(paths(each))}
        yield f"  {times:,}  {rule}: {place(tuple(where))}"
    for finding, why in (*outcome.left, *unwritten):
        yield f"  not fixed: {finding.rule} at {finding.location.path}:{finding.location.line}: {' '.join(why.split())}"
