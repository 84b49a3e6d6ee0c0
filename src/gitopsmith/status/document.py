"""Writes a status as JSON, version 1: the keys are told in ``docs/status.md``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from gitopsmith import __version__
from gitopsmith.git import Logged
from gitopsmith.live import Operation, Seen
from gitopsmith.status.model import Deployment, Row, Status

VERSION = 1
"""Rises when a key goes or changes its meaning; new keys do not raise it."""


def document(status: Status) -> str:
    """Returns a status as JSON; what nobody was asked for is null."""
    tree = {
        "version": VERSION,
        "tool": {"version": __version__},
        "branch": status.branch,
        "commit": status.tip,
        "cluster": status.access or None,
        "inOrder": status.is_in_order,
        "applications": [_row(row) for row in status.rows],
        "counts": _counts(status),
        "notes": status.notes,
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "application": row.app,
        "environment": row.environment or None,
        "protected": row.is_protected,
        "name": row.name,
        "namespace": row.namespace,
        "git": _git(row) if row.is_in_git else None,
        "cluster": _cluster(row, row.seen) if row.seen else None,
        "deployed": _deployed(row.deployed) if row.deployed else None,
        "problems": [problem._asdict() for problem in row.problems],
    }


def _git(row: Row) -> dict[str, Any]:
    return {"changed": _logged(row.git), "follows": row.follows or None, "images": row.images}


def _cluster(row: Row, seen: Seen) -> dict[str, Any]:
    return {
        "revisions": seen.revisions,
        "changed": _logged(row.synced),
        "behind": row.behind,
        "sync": seen.sync,
        "health": seen.health,
        "automated": seen.is_automated,
        "images": seen.images,
        "operation": _operation(seen.operation) if seen.operation.phase else None,
        "healed": seen.operation.heals,
    }


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "phase": operation.phase,
        "running": operation.is_under_way,
        "revisions": operation.revisions,
        "message": operation.message,
        "user": operation.user or None,
        "started": _when(operation.started),
        "finished": _when(operation.finished),
    }


def _deployed(deployed: Deployment) -> dict[str, Any]:
    return {
        "when": _when(deployed.when),
        "who": deployed.who or None,
        "commit": deployed.commit or None,
        "automatic": deployed.is_automatic,
    }


def _logged(logged: Logged | None) -> dict[str, Any] | None:
    if logged is None:
        return None
    told = {"commit": logged.commit, "when": _when(logged.when), "author": logged.author, "subject": logged.subject}
    return dict(told)


def _counts(status: Status) -> dict[str, Any] | None:
    if not status.access:
        return None
    counts = status.counts
    return {
        "deployments": counts.deployments,
        "automatic": counts.automatic,
        "applications": counts.applications,
        "failedSyncs": counts.failed,
        "drifted": counts.drifted,
        "healed": counts.healed,
        "rollbackSeconds": counts.rollbacks,
    }


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
