"""Writes a report as SARIF 2.1.0, which code scanning services read (OASIS Standard, 27 March 2020).

Columns count Unicode characters. Paths are URIs relative to the repository's root. Where one result is suppressed, all
say whether they are (section 3.27.23), and what could not be known is a notification of the run.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from gitopsmith import __version__
from gitopsmith.finding import Finding, Fix, Location, Note, ObjectName, Report, Severity, Suppressed
from gitopsmith.report.options import Options

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "gitopsmith/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_IN_SOURCE = frozenset({"comment", "annotation"})
_PATH = "/-._~!$&'()*+,;=@"
"""Characters that stand for themselves in the path of a relative reference (RFC 3986, segments without a colon)."""


def render(report: Report, _options: Options) -> str:
    """Returns the report as one SARIF log with one run."""
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=2, ensure_ascii=False) + "\n"
    )


def render_open(report: Report, options: Options) -> str:
    """Returns the same log without what is suppressed, for GitHub's code scanning.

    It knows no suppressions, and would show each as an open alert (github.com/github/codeql-action/issues/1230).
    """
    return render(replace(report, suppressed=()), options)


def _run(report: Report) -> dict[str, Any]:
    everything = (*report.findings, *(entry.finding for entry in report.suppressed))
    rules = sorted({*report.rules, *(finding.rule for finding in everything)})
    index = {rule: number for number, rule in enumerate(rules)}
    open_ones: dict[str, Any] = {"suppressions": []} if report.suppressed else {}
    return {
        "tool": {"driver": _driver(report, rules)},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [_notification(note) for note in report.notes]}
        ],
        "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            *({**_result(finding, index), **open_ones} for finding in report.findings),
            *({**_result(entry.finding, index), "suppressions": [_suppression(entry)]} for entry in report.suppressed),
        ],
    }


def _driver(report: Report, rules: list[str]) -> dict[str, Any]:
    kinds = sorted({note.kind for note in report.notes})
    return {
        "name": "gitopsmith",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule, report) for rule in rules],
        "notifications": [{"id": kind} for kind in kinds],
        "properties": {"renderer": report.renderer, "schemas": report.schemas},
    }


def _rule(rule: str, report: Report) -> dict[str, Any]:
    first = report.rules.get(rule) or rule
    documentation = (report.documentation.get(rule) or first).strip()
    hint = f"`gitopsmith explain {rule}` shows examples."
    return {
        "id": rule,
        "shortDescription": {"text": first},
        "fullDescription": {"text": documentation},
        "help": {"text": f"{documentation}\n\n{hint}", "markdown": f"# {rule}\n\n{documentation}\n\n{hint}"},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    logical = {"logicalLocations": [_logical(finding.object)]} if finding.object else {}
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [{"physicalLocation": _physical(finding.location), **logical}],
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(place), "message": {"text": message}}
            for number, (place, message) in enumerate(finding.related, 1)
        ]
    if finding.fix is not None and finding.fix.replacements:
        result["fixes"] = [_fix(finding.fix)]
    return {
        **result,
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {"pointer": finding.pointer, "applications": list(finding.applications)},
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for place, text in fix.replacements:
        region = _physical(place)["region"]
        changes.setdefault(place.path, []).append({"deletedRegion": region, "insertedContent": {"text": text}})
    return {
        "description": {"text": fix.description if fix.safe else f"{fix.description}; this changes what is applied"},
        "artifactChanges": [
            {"artifactLocation": _physical(Location(path))["artifactLocation"], "replacements": found}
            for path, found in changes.items()
        ],
    }


def _physical(place: Location) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(place.path, safe=_PATH), "uriBaseId": ROOT},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }


def _logical(name: ObjectName) -> dict[str, str]:
    full = "/".join(part for part in (name.api_version, name.kind, name.namespace, name.name) if part)
    return {"name": name.name, "fullyQualifiedName": full, "kind": "resource"}


def _suppression(entry: Suppressed) -> dict[str, str]:
    kind = "inSource" if entry.how in _IN_SOURCE else "external"
    return {"kind": kind, "status": "accepted", "justification": entry.reason}


def _notification(note: Note) -> dict[str, Any]:
    artifact = {"uri": quote(note.path, safe=_PATH), "uriBaseId": ROOT}
    where = {"locations": [{"physicalLocation": {"artifactLocation": artifact}}]} if note.path else {}
    times = f" ({note.count:,} times)" if note.count > 1 else ""
    return {"descriptor": {"id": note.kind}, "level": "note", "message": {"text": note.message + times}, **where}
