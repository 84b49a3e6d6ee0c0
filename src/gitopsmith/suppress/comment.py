"""Comments in the source that silence findings there, each with its reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gitopsmith.finding import Finding, Fix, Location, Severity, Suppressed
from gitopsmith.suppress import mending
from gitopsmith.tree import Tree

COMMENT = re.compile(r"#\s*gitopsmith:\s*ignore\[([^\]]*)\]\s*(.*?)\s*$")
_UNTIL = re.compile(r"\(until ([^)]*)\)\s*$")
MARK = b"gitopsmith: ignore["


class Comment(NamedTuple):
    """One suppression comment. It covers its own line, or the next line that is more than a comment."""

    path: str
    line: int
    column: int
    end_column: int
    covers: int
    rules: tuple[str, ...]
    reason: str
    until: str
    text: str = ""
    """The whole comment, as it is written."""

    @property
    def location(self) -> Location:
        return Location(self.path, self.line, self.column, self.line, self.end_column)


def comments(tree: Tree, path: str) -> tuple[Comment, ...]:
    """Returns the suppression comments in a file."""
    data = tree.data(path)
    if data is None or MARK not in re.sub(rb"gitopsmith:\s*ignore", b"gitopsmith: ignore", data):
        return ()
    lines = data.decode("utf-8", "replace").splitlines()
    return tuple(comment for number in range(len(lines)) for comment in _comment(path, lines, number))


def _comment(path: str, lines: list[str], number: int) -> Iterator[Comment]:
    match = COMMENT.search(lines[number])
    if match is None:
        return
    covers = number
    if lines[number].lstrip().startswith("#"):
        while covers < len(lines) and (not lines[covers].strip() or lines[covers].lstrip().startswith("#")):
            covers += 1
    until = _UNTIL.search(match[2])
    rules = tuple(rule.strip() for rule in match[1].split(",") if rule.strip())
    reason = _UNTIL.sub("", match[2]).strip()
    yield Comment(
        *(path, number + 1, match.start() + 1, match.end() + 1, covers + 1, rules, reason),
        until=until[1] if until else "",
        text=match[0],
    )


def apply(
    tree: Tree,
    findings: Iterable[Finding],
    known_rules: frozenset[str],
    active: dict[str, Severity],
    today: dt.date,
    judged: Callable[[str, str], bool] = lambda _path, _rule: True,
) -> tuple[list[Finding], list[Suppressed]]:
    """Parts findings into those that stay and those that a comment silences; useless comments become findings.

    ``judged`` tells whether a rule has seen all that a file leads to; where it has not, its comments may be needed.
    """
    written = {
        path: comments(tree, path) for path in tree.files if path.endswith((".yaml", ".yml", ".json", "Kustomization"))
    }
    used: set[Comment] = set()
    kept: list[Finding] = []
    silenced: list[Suppressed] = []
    for finding in findings:
        comment = _covering(written.get(finding.location.path, ()), finding, today)
        if comment is None:
            kept.append(finding)
        else:
            used.add(comment)
            silenced.append(Suppressed(finding, comment.reason, "comment"))
    for found_in, found in written.items():
        for comment in found:
            needed = comment in used or not all(judged(found_in, rule) for rule in comment.rules)
            kept += _complaints(comment, needed, known_rules, active, today)
    return kept, silenced


def _covering(found: Iterable[Comment], finding: Finding, today: dt.date) -> Comment | None:
    return next(
        (
            comment
            for comment in found
            if finding.rule in comment.rules
            and comment.reason
            and finding.location.line in {comment.covers, comment.line}
            and not _is_expired(comment, today)
        ),
        None,
    )


def _is_expired(comment: Comment, today: dt.date) -> bool:
    end = _end(comment)
    return end is None or end < today


def _end(comment: Comment) -> dt.date | None:
    """Returns the last day on which a comment counts, None when what is written is no date."""
    try:
        return dt.date.fromisoformat(comment.until) if comment.until else dt.date.max
    except ValueError:
        return None


def _complaints(
    comment: Comment, is_needed: bool, known: frozenset[str], active: dict[str, Severity], today: dt.date
) -> Iterator[Finding]:
    def complain(rule: str, message: str, fix: Fix | None = None) -> Iterator[Finding]:
        if rule in active:
            yield Finding(rule, active[rule], message, comment.location, fix=fix)

    unknown = [rule for rule in comment.rules if rule not in known]
    if unknown or not comment.rules:
        yield from complain(
            "suppression-invalid",
            f"unknown rule {', '.join(map(repr, unknown)) or 'name'} in this comment",
            _renamed(comment, {rule: mending.named(rule, known) for rule in unknown}),
        )
    elif not comment.reason:
        yield from complain(
            "suppression-invalid", "a suppression needs a reason after the bracket, or it does not count"
        )
    elif _end(comment) is None:
        message = f"{comment.until!r} is no date; write (until 2027-01-31)"
        yield from complain("suppression-invalid", message, _dated(comment))
    elif _is_expired(comment, today):
        yield from complain("suppression-unused", f"this suppression ended on {comment.until}")
    elif not is_needed and any(rule in active for rule in comment.rules):
        yield from complain(
            "suppression-unused",
            f"nothing here violates {', '.join(comment.rules)}; delete this comment",
            _changed(comment, "", "delete this comment"),
        )


def _renamed(comment: Comment, meant: dict[str, str]) -> Fix | None:
    text = comment.text
    for rule, name in meant.items():
        text = re.sub(rf"(?<=[\[,\s]){re.escape(rule)}(?=\s*[,\]])", name, text)
    is_clear = bool(meant) and all(meant.values())
    return _changed(comment, text, f"write {', '.join(meant.values())}") if is_clear else None


def _dated(comment: Comment) -> Fix | None:
    date = mending.dated(comment.until)
    text = comment.text.replace(f"(until {comment.until})", f"(until {date})")
    return _changed(comment, text, f"write (until {date})") if date else None


def _changed(comment: Comment, text: str, description: str) -> Fix | None:
    return mending.rewritten(comment.path, comment.line, comment.text, text, description)
