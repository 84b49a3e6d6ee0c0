"""Tries fixes on a copy, keeps those that hold, and drops the others, each with its reason."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from gitopsmith import lint
from gitopsmith.finding import Failure, Finding, Report
from gitopsmith.fix import copying
from gitopsmith.fix.comparing import differences
from gitopsmith.fix.copying import decoded, options_for
from gitopsmith.fix.editing import apart, apply, paths
from gitopsmith.lint.change import narrowed
from gitopsmith.lint.scope import Options, find_root, open_files
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree

MOST_ATTEMPTS = 40
"""Attempts in one run, each of which lints the repository; what is left then is said, and waits for another run."""
_Key = tuple[str, str]


class Left(NamedTuple):
    """A finding that has a fix which was not applied, and why."""

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fixing came to. ``report`` tells what remains, ``before`` what was found.

    ``texts`` holds what changed, by path relative to ``root``, as it was read and as it is now.
    """

    root: Path
    before: Report
    report: Report
    fixed: tuple[Finding, ...] = ()
    left: tuple[Left, ...] = ()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)


def fix(options: Options, *, unsafe: bool = False) -> Outcome:
    """Fixes what can be fixed of a repository, in memory; ``unsafe`` fixes change what is applied.

    Raises Failure as ``lint`` does, and where there are no files that could be changed.
    """
    if options.staged or options.stdin is not None:
        raise Failure("--fix changes files, and neither the index nor stdin is one; fix the work tree, then stage it")
    with narrowed(options) as narrower:
        asked, before = narrower.options, narrower.told(lint.lint(narrower.options))
        if not any(_is_wanted(finding, unsafe=unsafe) for finding in before.findings):
            return Outcome(find_root(asked), before, before)
        files = open_files(asked, find_root(asked))
        with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
            return _Work(asked, files, Path(name).resolve(), before, unsafe).outcome()


def _is_wanted(finding: Finding, *, unsafe: bool) -> bool:
    return finding.fix is not None and (finding.fix.safe or unsafe)


def _key(finding: Finding) -> _Key:
    return (finding.fingerprint, finding.message)


def _counted(findings: Iterable[Finding]) -> Counter[_Key]:
    """Counts findings by their names, which two patches of one object share."""
    return Counter(map(_key, findings))


class _Seen(NamedTuple):
    """What is found of the part that was asked for, and of everything."""

    asked: Report
    whole: Report


class _Work:
    """Two copies of a repository: one as far as is proved, and one for the attempt that comes next."""

    def __init__(self, asked: Options, files: Tree, folder: Path, before: Report, unsafe: bool) -> None:
        self.options, self.files, self.unsafe, self.before = asked, files, unsafe, before
        self.proved, self.tried = (copying.copy(files, folder / name) for name in ("proved", "tried"))
        self.seen = _Seen(before, before if self.is_whole else self._whole(self.proved))
        self.originals: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.fixed: list[Finding] = []
        self.dropped: dict[_Key, Left] = {}
        self.suspects: dict[_Key, str] = {}
        self.most = len(before.findings)

    @property
    def is_whole(self) -> bool:
        asked = self.options
        return asked.change is None and not (asked.paths or asked.select or asked.ignore)

    def _whole(self, folder: Path) -> Report:
        everything = replace(self.options, paths=(), select=(), ignore=(), change=None)
        return lint.lint(options_for(everything, self.files, folder))

    def _look(self, folder: Path) -> _Seen:
        asked = lint.lint(options_for(self.options, self.files, folder))
        return _Seen(asked, asked if self.is_whole else self._whole(folder))

    def outcome(self) -> Outcome:
        for _ in range(MOST_ATTEMPTS):
            chosen = self.choose()
            if not chosen:
                break
            self.attempt(chosen)
        late = (Left(each, "it was not tried yet; run this again") for each in self.candidates())
        texts = {path: (self.originals[path], text) for path, text in sorted(self.texts.items())}
        changed = {path: pair for path, pair in texts.items() if pair[0] != pair[1]}
        left = (*self.dropped.values(), *late)
        return Outcome(self.files.root, self.before, self.seen.asked, tuple(self.fixed), left, changed)

    def candidates(self) -> list[Finding]:
        found = (each for each in self.seen.asked.findings if _is_wanted(each, unsafe=self.unsafe))
        return [each for each in found if _key(each) not in self.dropped]

    def choose(self) -> tuple[Finding, ...]:
        """Returns what to try next: safe fixes before others, and what an attempt was stopped by in ever fewer."""
        found = self.candidates()
        kind = [each for each in found if each.fix and each.fix.safe] or found
        free = [each for each in kind if _key(each) not in self.suspects]
        return apart(free or kind[: max(self.most, 1)])

    def attempt(self, chosen: tuple[Finding, ...]) -> None:
        """Tries some fixes at once; keeps them where all hold, else notes which may be to blame."""
        texts = {path: self.text(path) for finding in chosen for path in paths(finding)}
        done = apply(texts, chosen)
        self.refuse(done.refused, alone=not done.findings)
        if not done.findings:
            return
        copying.put(self.tried, done.texts)
        seen = self._look(self.tried)
        blamed = dict(self.blamed(done.findings, seen))
        if not blamed:
            copying.put(self.proved, done.texts)
            self.texts |= done.texts
            self.fixed += done.findings
            self.seen = seen
            return
        copying.put(self.tried, texts)
        if len(done.findings) == 1:
            self.drop(done.findings[0], next(iter(blamed.values())))
        else:
            self.most = max(len(blamed) // 2, 1)
            self.suspects |= blamed

    def text(self, path: str) -> str:
        if path not in self.originals:
            self.originals[path] = decoded((self.proved / path).read_bytes())
        return self.texts.get(path, self.originals[path])

    def refuse(self, refused: Iterable[tuple[Finding, str]], *, alone: bool) -> None:
        """Drops what a text refuses, unless another fix in the same attempt may have made it do so."""
        for finding, why in refused:
            if alone or _key(finding) in self.suspects:
                self.drop(finding, why)
            else:
                self.suspects[_key(finding)] = why

    def drop(self, finding: Finding, why: str) -> None:
        self.dropped[_key(finding)] = Left(finding, why)

    def blamed(self, done: tuple[Finding, ...], seen: _Seen) -> Iterator[tuple[_Key, str]]:
        """Yields the fixes that do not hold, or may be why something else does not, each with what is wrong."""
        still = _counted(seen.asked.findings)
        left = _counted(self.seen.asked.findings) - _counted(done)
        for finding in done:
            if still[_key(finding)] > left[_key(finding)]:
                yield _key(finding), "it would still be found after the fix"
        for new in self.new(seen.whole):
            place = {new.location.path, *(related.location.path for related in new.related)}
            said = f"{new.rule} would be found at {new.location.path}:{new.location.line}: {new.message}"
            yield from ((_key(each), said) for each in _near(done, place))
        if all(finding.fix is not None and finding.fix.safe for finding in done):
            before, after = (Tree(folder, self.files.files) for folder in (self.proved, self.tried))
            checkout = self.options.checkout or Checkout(self.files.root)
            for one in differences(before, after, checkout, self.options):
                yield from ((_key(each), one.why) for each in _near(done, one.reads))

    def new(self, after: Report) -> Iterator[Finding]:
        """Yields what was not found before, neither by its name nor by its words; a moved field has another name."""
        names = {finding.fingerprint for finding in self.seen.whole.findings}
        said = {(each.rule, each.location.path, each.message) for each in self.seen.whole.findings}
        for each in after.findings:
            if each.fingerprint not in names and (each.rule, each.location.path, each.message) not in said:
                yield each


def _near(done: tuple[Finding, ...], place: Iterable[str]) -> tuple[Finding, ...]:
    """Returns the fixes that change one of some files; all where none does."""
    return tuple(each for each in done if paths(each) & set(place)) or done
