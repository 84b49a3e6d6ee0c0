"""Writes a report as GitLab's Code Quality, which a merge request shows (docs.gitlab.com/ci/testing/code_quality).

GitLab shows one entry of a fingerprint and drops the others; a second finding of the same fingerprint gets a number.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from gitopsmith.finding import Finding, Report, Severity
from gitopsmith.report.options import Options

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, _options: Options) -> str:
    """Returns a list with one entry a finding."""
    seen: Counter[str] = Counter()
    return json.dumps([_entry(finding, seen) for finding in report.findings], indent=2, ensure_ascii=False) + "\n"


def _entry(finding: Finding, seen: Counter[str]) -> dict[str, Any]:
    place = finding.location
    return {
        "description": f"{finding.message}\nhelp: {finding.help}" if finding.help else finding.message,
        "check_name": finding.rule,
        "fingerprint": _unique(finding.fingerprint, seen),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": {"begin": place.line, "end": place.end_line}},
    }


def _unique(fingerprint: str, seen: Counter[str]) -> str:
    seen[fingerprint] += 1
    return fingerprint if seen[fingerprint] == 1 else f"{fingerprint}-{seen[fingerprint]}"
