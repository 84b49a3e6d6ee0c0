"""Writes a report as JSON, version 1, as ``schemas/report/report.schema.json`` describes it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from gitopsmith import __version__
from gitopsmith.finding import Finding, Fix, Location, ObjectName, Report, Summary
from gitopsmith.report.options import Options

VERSION = 1
"""Rises when a key goes or changes its meaning; new keys do not raise it."""


def render(report: Report, _options: Options) -> str:
    """Returns the report as JSON with its keys in a fixed order."""
    tree = {
        "version": VERSION,
        "tool": {"version": __version__, "renderer": report.renderer, "schemas": report.schemas},
        "summary": _summary(report.summary),
        "findings": [_finding(finding) for finding in report.findings],
        "notes": [asdict(note) for note in report.notes],
        "suppressed": [
            {"finding": _finding(entry.finding), "reason": entry.reason, "how": entry.how}
            for entry in report.suppressed
        ],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "applications": summary.applications,
        "builds": summary.builds,
        "failed_builds": summary.failed_builds,
        "objects": summary.objects,
        "validated": summary.validated,
        "unvalidated": summary.unvalidated,
        "files": summary.files,
        "rendered_share": round(summary.rendered_share, 4),
        "seconds": {stage: round(spent, 3) for stage, spent in summary.seconds.items()},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        **_place(finding.location),
        "object": _object(finding.object),
        "pointer": finding.pointer,
        "applications": list(finding.applications),
        "related": [{**_start(place), "message": message} for place, message in finding.related],
        "help": finding.help,
        "fix": _fix(finding.fix),
        "fingerprint": finding.fingerprint,
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [{**_place(each.location), "text": each.text} for each in fix.replacements]
    return {"description": fix.description, "safe": fix.safe, "edits": edits}


def _start(place: Location) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}


def _place(place: Location) -> dict[str, Any]:
    return place._asdict()


def _object(name: ObjectName | None) -> dict[str, str] | None:
    if name is None:
        return None
    return {"apiVersion": name.api_version, "kind": name.kind, "namespace": name.namespace, "name": name.name}
