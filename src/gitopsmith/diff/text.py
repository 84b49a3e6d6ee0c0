"""Writes a difference for a terminal, grouped by environment."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.diff.values import Change, Difference, Group, Refusal, Section
from gitopsmith.finding import Finding
from gitopsmith.report import summary
from gitopsmith.report.excerpt import safe

_BOLD, _RED, _GREEN, _CYAN, _PLAIN = "\033[1m", "\033[31m", "\033[32m", "\033[36m", "\033[0m"


def text(found: Difference, *, color: bool) -> str:
    """Returns the losses, what is refused, then the images and numbers, then every object's difference."""
    lines = [*_head(found), *(line for group in found.groups for line in _group(group)), *_findings(found)]
    if found.is_empty:
        lines.append(f"no difference between {found.base} and {found.head}" + _as_far(found))
    return "".join(f"{_colored(safe(line)) if color else safe(line)}\n" for line in lines)


def _as_far(found: Difference) -> str:
    return ", as far as can be known" if any(section.uncertain for section in found.sections) else ""


def _head(found: Difference) -> Iterator[str]:
    yield from (f"note: {note}" for note in found.notes)
    for loss in found.losses:
        yield f"DELETES {loss.object} of {loss.delivery}{_in(loss.environments)}: {loss.meaning}"
    for refusal in found.refusals:
        yield f"REFUSED {refusal.object} of {refusal.delivery}{_in(refusal.environments)}: {refused(refusal)}"
    for one in found.highlights:
        yield f"{one.delivery}{_in(one.environments)}: {one.what}: {one.before or 'none'} -> {one.after or 'none'}"


def refused(refusal: Refusal) -> str:
    """Says why Argo CD cannot apply a change, and what can be done."""
    fields = summary.listed(list(refusal.fields))
    return f"the API server lets nobody change {fields}; give the object another name, or have it made anew"


def _in(environments: tuple[str, ...]) -> str:
    return f" in {summary.listed(list(environments))}" if environments else ""


def _group(group: Group) -> Iterator[str]:
    if group.name:
        yield f"== {group.name}{' (protected)' if group.protected else ''}"
    if not group.sections:
        yield "no change"
    for section in group.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    kind = "Application " if section.is_application else ""
    yield f"-- {kind}{section.label}{f': {section.what}' if section.what else ''}"
    yield from (f"   {said}" for said in section.said)
    yield from (f"   unverifiable: {said}" for said in section.uncertain)
    for change in section.changes:
        yield title(change)
        yield from change.lines


def title(change: Change) -> str:
    """Names an object and what happens to it."""
    place = f"{change.object.namespace}/" if change.object.namespace else ""
    return f"{change.what} {change.object.kind} {place}{change.object.name}"


def _findings(found: Difference) -> Iterator[str]:
    for what, findings in (("new", found.new), ("fixed", found.fixed)):
        yield from (f"{what} {_finding(finding)}" for finding in findings or ())
    if found.new is not None and not found.new and not found.fixed:
        yield "no finding is new, and none is fixed"


def _finding(finding: Finding) -> str:
    place = finding.location
    return f"{finding.severity}[{finding.rule}] {place.path}:{place.line}: {finding.message}"


def _colored(line: str) -> str:
    color = {"+": _GREEN, "-": _RED, "@": _CYAN}.get(line[:1], "")
    if line.startswith(("DELETES ", "REFUSED ")):
        color = _RED + _BOLD
    elif line.startswith(("== ", "-- ", "added ", "removed ", "changed ")):
        color = _BOLD
    return f"{color}{line}{_PLAIN}" if color else line
