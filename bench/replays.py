"""Replays commits that removed dangling references: all of them are reported before, none after."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench import gold, repositories, watch

Pair = Mapping[str, Any]
_STUB = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"
_KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [stub.yaml]\n"


class Outcome(NamedTuple):
    """One side of one pair: what should have been reported, and what was."""

    number: int
    side: str
    wanted: int
    replay: gold.Replay


def outcomes(pairs: list[Pair], urls: Mapping[str, str]) -> Iterator[Outcome]:
    """Lints both sides of each pair in a repository of its own."""
    for number, pair in enumerate(pairs):
        for side in ("broken", "fixed"):
            texts = {path: text for path, text in pair[f"files_{side}"].items() if text is not None}
            wanted = dangling(pair, side)
            with tempfile.TemporaryDirectory(prefix="replay-") as folder:
                files = {**stubs(pair[f"exist_{side}"]), **texts}
                root = repositories.write(Path(folder) / "repository", files, urls[pair["repo"]])
                found = watch.findings(root)
            yield Outcome(number, side, len(wanted), gold.replay(wanted, found, texts))


def dangling(pair: Pair, side: str) -> list[Mapping[str, str]]:
    """Returns the references that lead nowhere on one side; those that the fix left are there on both."""
    left = list(pair.get("still_dangling_after_fix") or ())
    return left if side == "fixed" else [*pair["refs"], *left]


def stubs(existing: Mapping[str, str]) -> dict[str, str]:
    """Returns small files that stand for what a repository had at some paths."""
    files: dict[str, str] = {}
    for path, kind in existing.items():
        name = path.rpartition("/")[2].partition(".")[0].lower().replace("_", "-") or "stub"
        manifest = _STUB.format(name=name)
        if kind == "dir":
            files |= {f"{path}/kustomization.yaml": _KUSTOMIZATION, f"{path}/stub.yaml": manifest}
        else:
            files[path] = manifest
    return files
