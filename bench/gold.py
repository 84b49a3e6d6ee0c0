"""Scores findings against what is known about a repository: the rows of ``gold.json`` and of ``fix-pairs.json``.

A row is found when a finding of a rule that means it stands at its file; a trap is sprung when an error stands where
nothing is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from gitopsmith.finding import Finding, Severity

Row = Mapping[str, Any]

DEFECTS = ("missing-path", "build-failure", "schema-invalid")
TRAPS = ("template-placeholder", "not-a-defect")
DEAD_PATH = frozenset({"application-path-missing"})
DEAD_REFERENCE = frozenset({"kustomize-reference-missing"})
DUPLICATE = frozenset({"application-name-duplicate"})
SCHEMA = frozenset({"schema-invalid", "schema-unknown-field"})
BUILD = frozenset({"kustomize-build", "kustomize-empty", "yaml-syntax"})
MEANING: dict[str, frozenset[str]] = {
    "missing-path": DEAD_PATH,
    "empty": BUILD,
    "missing-file": BUILD | DEAD_REFERENCE,
    "bad-patch": BUILD | DEAD_REFERENCE | SCHEMA,
    "schema-invalid": SCHEMA,
}
"""The rules that mean a defect of a kind, or, for failures of a build, of a class."""


def found(row: Row, findings: Iterable[Finding]) -> list[Finding]:
    """Returns the findings that report a defect: of a right rule, at its file, about its object, more than an info."""
    wanted = MEANING[str(row.get("class", row["kind"]))]
    return [
        finding
        for finding in findings
        if finding.rule in wanted
        and finding.severity > Severity.INFO
        and finding.location.path == row["file"]
        and _is_about(finding, row)
    ]


def missed(rows: Iterable[Row], findings: Collection[Finding]) -> list[Row]:
    """Returns the defects that no finding reports; a failure whose cause lies elsewhere need not be reported again."""
    return [row for row in rows if row["kind"] in DEFECTS and not row.get("cascade") and not found(row, findings)]


def sprung(rows: Collection[Row], findings: Iterable[Finding]) -> list[tuple[Row, Finding]]:
    """Returns the errors that stand where nothing is wrong, each with the row that says so."""
    outside = outside_gold(rows, findings)
    traps = [row for row in rows if row["kind"] in TRAPS]
    return [(row, finding) for finding in outside for row in traps if _springs(row, finding)]


def _springs(row: Row, finding: Finding) -> bool:
    if "other" not in row:
        return finding.location.path == str(row["file"])
    others = row["other"] if isinstance(row["other"], list) else [row["other"]]
    return finding.rule in DUPLICATE and finding.location.path in {row["file"], *others}


def outside_gold(rows: Iterable[Row], findings: Iterable[Finding]) -> list[Finding]:
    """Returns the errors that report none of the known defects."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    known = {id(finding) for row in rows if row["kind"] in DEFECTS for finding in found(row, errors)}
    return [finding for finding in errors if id(finding) not in known]


def false_schema(
    rows: Iterable[Row], findings: Iterable[Finding], is_core: Callable[[str, str], bool]
) -> list[Finding]:
    """Returns the schema findings about core kinds that are not known defects: everything else there is valid."""
    found_there = [
        finding
        for finding in findings
        if finding.rule in SCHEMA and finding.object and is_core(finding.object.api_version, finding.object.kind)
    ]
    known = {id(finding) for row in rows if row["kind"] == "schema-invalid" for finding in found(row, found_there)}
    return [finding for finding in found_there if id(finding) not in known]


def known_pairs(rows: Iterable[Row], is_core: Callable[[str], bool]) -> set[tuple[str, str]]:
    """Returns directory and ``Kind/name`` of every rendered object that is known to break the schema of a core kind."""
    return {
        (directory, row["object"])
        for row in rows
        if row["kind"] == "schema-invalid" and is_core(row["object"].partition("/")[0])
        for directory in row.get("rendered_in", ())
    }


def _is_about(finding: Finding, row: Row) -> bool:
    """Tells whether a finding is about the object of a row; of a renamed object the source's own name counts too."""
    if "object" not in row or finding.object is None:
        return True
    return row["object"] in {str(finding.object), finding.source} or str(row.get("path", "\0")) in finding.message


class Replay(NamedTuple):
    """How the report on one side of a fix compares with the dangling references that are there."""

    missed: list[Row]
    false: list[Finding]


def replay(references: Iterable[Row], findings: Iterable[Finding], texts: Mapping[str, str]) -> Replay:
    """Matches findings about dangling references with the ones that are there, one to one.

    ``texts`` are the files of that side; a finding is about the reference whose text stands at its place.
    """
    dangling = [finding for finding in findings if finding.rule in DEAD_PATH | DEAD_REFERENCE]
    absent = []
    for row in references:
        hit = next((finding for finding in dangling if _names(finding, row, texts)), None)
        if hit is None:
            absent.append(row)
        else:
            dangling.remove(hit)
    return Replay(absent, dangling)


def _names(finding: Finding, row: Row, texts: Mapping[str, str]) -> bool:
    return finding.location.path == row["file"] and str(row["ref"]).rstrip("/") in words_at(finding, texts)


def words_at(finding: Finding, texts: Mapping[str, str]) -> list[str]:
    """Returns the paths in the text that a finding points at."""
    words = [word.rstrip("/") for word in re.split(r"[\s\"'=,\[\]{}]+", _text_at(finding, texts))]
    return [*words, *(word.removeprefix("./") for word in words)]


def _text_at(finding: Finding, texts: Mapping[str, str]) -> str:
    place = finding.location
    lines = texts.get(place.path, "").splitlines()[place.line - 1 : place.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)
