"""Compares what we say of pods with what a real API server says, in namespaces of several Pod Security levels.

    python bench/podsecurity.py           asks a sandbox by dry runs; exit code 1 where one answer differs
    python bench/podsecurity.py --write   also records its answers in podsecurity.yaml, which a test holds us to

What the API server does not take for other reasons is counted apart: its validation comes before Pod Security.
"""

from __future__ import annotations

import argparse
import http.client
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import cluster
from bench.cluster import DRY, Cluster
from bench.figures import Figures

from gitopsmith import documents, sandbox
from gitopsmith.manifest import Resource, mapping, sequence, text
from gitopsmith.podsecurity import breaches, enforced

TABLE = Path(__file__).with_suffix(".yaml")
NAME = "podsecurity"
KUBERNETES = "1.37"
PREFIX = "pod-security.kubernetes.io/"
REFUSED = "violates PodSecurity"
HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class Row(NamedTuple):
    """One pod in one namespace; ``said`` is None where the API server refuses the pod whatever the namespace."""

    pod: str
    namespace: str
    ours: bool
    said: bool | None
    message: str = ""


def table() -> dict[str, Any]:
    """Reads the namespaces, and the pods with what was recorded of them."""
    return mapping(documents.load(TABLE.read_text(encoding="utf-8")))


def labels(namespace: dict[str, Any]) -> dict[str, Any]:
    return {f"{PREFIX}{name}": value for name, value in namespace.items()}


def pod(entry: dict[str, Any]) -> dict[str, Any]:
    """Writes the pod of a row of the table."""
    context = ({} if entry.get("plain") else HARDENED) | mapping(entry, "context")
    container = {"name": "web", "image": "shop/web:1.4.2", "securityContext": context} | mapping(entry, "container")
    metadata = {"name": "web", "annotations": mapping(entry, "annotations")}
    spec = {"containers": [container]} | mapping(entry, "spec")
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def is_refused(entry: dict[str, Any], namespace: dict[str, Any], kubernetes: str = KUBERNETES) -> bool:
    """Says whether we think that a namespace refuses a pod."""
    return any(True for _ in breaches(Resource(pod(entry)), enforced(labels(namespace), kubernetes)))


def ask(server: Cluster, found: dict[str, Any]) -> list[Row]:
    """Makes the namespaces, and tries every pod in each of them."""
    rows = []
    for name, namespace in mapping(found, "namespaces").items():
        place = re.sub(r"[^a-z0-9-]", "-", name)
        server.send("POST", "/api/v1/namespaces", {"metadata": {"name": place, "labels": labels(namespace)}})
        server.send("POST", f"/api/v1/namespaces/{place}/serviceaccounts", {"metadata": {"name": "default"}})
        for entry in sequence(found, "pods"):
            code, answer = server.send("POST", f"/api/v1/namespaces/{place}/pods?{DRY}", pod(entry))
            message = "" if code < http.client.BAD_REQUEST else text(answer, "message") or str(answer)
            said = REFUSED in message if not message or REFUSED in message else None
            rows.append(Row(entry["name"], name, is_refused(entry, namespace), said, message))
    return rows


def record(found: dict[str, Any], rows: list[Row]) -> None:
    """Writes beside each pod which namespaces refuse it; ``invalid`` says that no namespace takes it."""
    answers = {entry["name"]: [row for row in rows if row.pod == entry["name"]] for entry in sequence(found, "pods")}
    lines = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        name = re.match(r"  - \{name: ([^,}]+)", line)
        if name is not None:
            line = re.sub(r", (refused: \[[^\]]*\]|invalid: true)\}$", "}", line)
            said = answers[name[1]]
            told = [row.namespace for row in said if row.said]
            added = "invalid: true" if any(row.said is None for row in said) else f"refused: [{', '.join(told)}]"
            line = f"{line.removesuffix('}')}, {added}}}"
        lines.append(line)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="record the answers")
    arguments = parser.parse_args()
    figures, found = Figures(), table()
    server = cluster.start(NAME)
    try:
        rows = ask(server, found)
    finally:
        server.close()
        sandbox.reset(NAME)
    judged = [row for row in rows if row.said is not None]
    differ = [row for row in judged if row.said != row.ours]
    invalid = {row.pod for row in rows if row.said is None}
    figures.say(f"{len(sequence(found, 'pods'))} pods in {len(mapping(found, 'namespaces'))} namespaces")
    figures.say(f"{sum(row.ours for row in judged)} refused and {sum(not row.ours for row in judged)} let in by both")
    figures.detail(
        [
            f"not taken at all: {row.pod}: {row.message[:200]}"
            for row in rows
            if row.said is None and row.namespace == "baseline"
        ]
    )
    figures.goal("answers that differ", f"{len(differ)} of {len(judged)}", "0", met=not differ)
    figures.detail([f"{row.pod} in {row.namespace}: ours {row.ours}: {row.message[:300]}" for row in differ])
    taken = len(sequence(found, "pods")) - len(invalid)
    figures.goal("pods that are judged", taken, "at least 40", met=taken >= 40)
    if arguments.write:
        record(found, rows)
    return min(1, figures.missed)


if __name__ == "__main__":
    sys.exit(main())
