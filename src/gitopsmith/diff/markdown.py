"""Writes a difference as the comment on a pull request: the important first, every object folded, cut to fit."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from gitopsmith.diff.text import refused, title
from gitopsmith.diff.values import Change, Difference, Group, Highlight, Refusal, Section
from gitopsmith.finding import Finding
from gitopsmith.report import summary
from gitopsmith.report.excerpt import safe

MARKER = "<!-- gitopsmith diff -->"
"""The first line of every comment, by which the next run finds it."""
LIMIT = 65_536 - 512
"""GitHub refuses a comment of 65,536 characters; bytes are counted, of which there are never fewer."""
MOST_ROWS = 50
MOST_WORDS = 300
_HEAD_SHARE = 2
"""What stands before the objects takes at most one part in this many of the space."""
_FENCE = re.compile("`{3,}")


def markdown(found: Difference) -> str:
    """Returns the comment, under GitHub's limit, with a line that says what was left out."""
    head, left_out = _fitting(_overview(found), LIMIT // _HEAD_SHARE)
    lines = [MARKER, *head]
    if left_out:
        lines.append(f"\n_{summary.number(left_out, 'line')} of this overview left out; `gitopsmith diff` shows all._")
    space = LIMIT - _size(lines)
    skipped = 0
    for group in found.groups:
        kept, space, missing = _group(group, space)
        lines += kept
        skipped += missing
    if skipped:
        lines.append(f"\n**{summary.number(skipped, 'object')} left out, as this comment is full; "
                     "`gitopsmith diff` shows all.**")  # fmt: skip
    return "\n".join(lines) + "\n"


def _fitting(lines: list[str], space: int) -> tuple[list[str], int]:
    """Returns the lines that fit, and how many do not."""
    kept: list[str] = []
    for line in lines:
        space -= _size([line])
        if space < 0:
            return kept, len(lines) - len(kept)
        kept.append(line)
    return kept, 0


def _size(lines: list[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def _overview(found: Difference) -> list[str]:
    return [
        f"### What Argo CD will apply differently: {code(found.base)} to {code(found.head)}",
        "",
        *_losses(found),
        *_refusals(found.refusals),
        *_protected(found),
        *_highlights(found.highlights),
        *_findings(found),
        *(f"- note: {code(note)}" for note in found.notes),
    ]


def _losses(found: Difference) -> Iterator[str]:
    if found.losses:
        yield "> [!CAUTION]"
        yield "> **This takes away what holds state. Argo CD deletes it where it prunes:**"
        for loss in found.losses[:MOST_ROWS]:
            place = _places(loss.environments)
            yield f"> - {code(str(loss.object))} of {code(loss.delivery)}{place}: {code(loss.meaning)}"
        if len(found.losses) > MOST_ROWS:
            yield f"> - and {len(found.losses) - MOST_ROWS:,} more"
        yield ""


def _refusals(refusals: tuple[Refusal, ...]) -> Iterator[str]:
    if refusals:
        yield "> [!WARNING]"
        yield "> **Argo CD cannot apply this, and its syncs will fail:**"
        for one in refusals[:MOST_ROWS]:
            place = _places(one.environments)
            yield f"> - {code(str(one.object))} of {code(one.delivery)}{place}: {code(refused(one))}"
        if len(refusals) > MOST_ROWS:
            yield f"> - and {len(refusals) - MOST_ROWS:,} more"
        yield ""


def _places(environments: tuple[str, ...]) -> str:
    return f" in {summary.listed([code(name) for name in environments])}" if environments else ""


def _protected(found: Difference) -> Iterator[str]:
    """Says out loud what changes in each environment, and in which there is nothing."""
    if found.is_empty:
        yield "**No difference**" + (", as far as can be known." if _unsure(found.sections) else ".")
    for group in found.groups:
        if group.name:
            yield f"- {_verdict(group)}"
    yield ""


def _verdict(group: Group) -> str:
    name = f"**{code(group.name)}**{' (protected)' if group.protected else ''}"
    counts = Counter(change.what for section in group.sections for change in section.changes)
    words = [f"{count:,} {what}" for what, count in counts.items()]
    changed = sum(bool(section.what) for section in group.sections)
    unsure = ", as far as can be known" if _unsure(group.sections) else ""
    if not changed:
        return f"no change in {name}{unsure}"
    objects = f": objects {summary.listed(words)}" if words else ""
    return f"{name} changes, in {summary.number(changed, 'application')}{objects}{unsure}"


def _unsure(sections: tuple[Section, ...]) -> bool:
    return any(section.uncertain for section in sections)


def _highlights(rows: tuple[Highlight, ...]) -> Iterator[str]:
    if rows:
        yield "| application | environment | what | before | after |"
        yield "|---|---|---|---|---|"
        for row in rows[:MOST_ROWS]:
            places = ", ".join(code(name) for name in row.environments)
            before, after = (code(value) if value else "none" for value in (row.before, row.after))
            yield f"| {code(row.delivery)} | {places} | {code(row.what)} | {before} | {after} |"
        yield ""
        if len(rows) > MOST_ROWS:
            yield f"and {len(rows) - MOST_ROWS:,} more such values.\n"


def _findings(found: Difference) -> Iterator[str]:
    if found.new is None or found.fixed is None:
        return
    yield f"{summary.number(len(found.new), 'new finding')}, {len(found.fixed):,} fixed"
    for what, findings in (("new", found.new), ("fixed", found.fixed)):
        yield from (f"- {what}: {_finding(finding)}" for finding in findings[:MOST_ROWS])
        if len(findings) > MOST_ROWS:
            yield f"- and {len(findings) - MOST_ROWS:,} more {what}"
    yield ""


def _finding(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}"
    return f"{finding.severity} {code(finding.rule)} at {code(place)}: {code(finding.message)}"


def _group(group: Group, space: int) -> tuple[list[str], int, int]:
    """Returns the lines of one environment that fit, the space that is left, and how many objects do not fit."""
    lines: list[str] = []
    skipped = 0
    for piece, is_object in _pieces(group):
        size = _size(piece)
        if size <= space:
            lines += piece
            space -= size
        else:
            skipped += is_object
    return lines, space, skipped


def _pieces(group: Group) -> Iterator[tuple[list[str], bool]]:
    """Yields what must stay together, and whether it is an object."""
    if not group.sections:
        return
    yield [f"\n#### {code(group.name) if group.name else 'In no environment'}"], False
    for section in group.sections:
        kind = "Application " if section.is_application else ""
        words = [f"\n{kind}{code(section.label)}{f': {section.what}' if section.what else ''}"]
        words += [f"- {code(said)}" for said in section.said]
        words += [f"- may change, and cannot be known here: {code(said)}" for said in section.uncertain]
        yield words, False
        yield from ((_folded(change), True) for change in section.changes)


def _folded(change: Change) -> list[str]:
    lines = [safe(line) for line in change.lines]
    longest = max((len(found[0]) for line in lines for found in _FENCE.finditer(line)), default=2)
    fence = "`" * (longest + 1)
    named = html.escape(_short(title(change)))
    return [f"<details><summary><code>{named}</code></summary>", "", f"{fence}diff", *lines, fence, "</details>", ""]


def code(said: str) -> str:
    """Writes words that nobody but a reader takes for anything: no mention, no link, no end of a table's cell."""
    return "`" + _short(said).replace("`", "'").replace("|", "\\|") + "`"


def _short(said: str) -> str:
    words = " ".join(safe(said).split()) or " "
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}\N{HORIZONTAL ELLIPSIS}"
