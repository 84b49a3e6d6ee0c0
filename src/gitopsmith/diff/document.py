"""Writes a difference as JSON, version 1."""

from __future__ import annotations

import json
from typing import Any

from gitopsmith import __version__
from gitopsmith.diff.values import Change, Difference, Section
from gitopsmith.finding import Finding, ObjectName

VERSION = 1
"""Rises when a key goes or changes its meaning; new keys do not raise it."""


def document(found: Difference) -> str:
    """Returns the difference as JSON; a section that several environments share stands once."""
    tree = {
        "version": VERSION,
        "tool": {"version": __version__, "renderer": found.renderer},
        "base": found.base,
        "head": found.head,
        "different": not found.is_empty,
        "environments": [
            {"name": group.name, "protected": group.protected, "changed": any(one.what for one in group.sections)}
            for group in found.groups
            if group.name
        ],
        "losses": [
            {"delivery": one.delivery, "environments": one.environments, "meaning": one.meaning, **_object(one.object)}
            for one in found.losses
        ],
        "refusals": [
            {"delivery": one.delivery, "environments": one.environments, "fields": one.fields, **_object(one.object)}
            for one in found.refusals
        ],
        "highlights": [one._asdict() for one in found.highlights],
        "deliveries": [_section(one) for one in found.sections],
        "notes": found.notes,
    }
    if found.new is not None and found.fixed is not None:
        tree["findings"] = {"new": [*map(_finding, found.new)], "fixed": [*map(_finding, found.fixed)]}
    return json.dumps(tree, indent=2, ensure_ascii=True) + "\n"


def _section(section: Section) -> dict[str, Any]:
    return {
        "label": section.label,
        "application": section.is_application,
        "builds": section.entries,
        "environments": section.environments,
        "what": section.what,
        "said": section.said,
        "unverifiable": section.uncertain,
        "objects": [_change(change) for change in section.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {"what": change.what, **_object(change.object), "diff": "".join(f"{line}\n" for line in change.lines)}


def _object(name: ObjectName) -> dict[str, Any]:
    return {
        "object": {
            "apiVersion": name.api_version, "kind": name.kind, "namespace": name.namespace, "name": name.name,
        }
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "path": finding.location.path,
        "line": finding.location.line,
        "fingerprint": finding.fingerprint,
    }
