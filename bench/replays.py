"""Replays commits that removed dangling references: all of them are reported before, none after."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench import gold, repositories, watch

from gitopsmith.finding import Finding, Report

Pair = Mapping[str, Any]
Texts = Mapping[str, str]
_STUB = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"
_KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [stub.yaml]\n"


class Outcome(NamedTuple):
    """One side of one pair: what should have been reported, and what was.

    ``missed`` references are reported nowhere; ``noted`` ones stand in kustomizations that are templates, of which a
    note tells. ``false`` findings are about references that lead somewhere; ``more`` are about such that do not, and
    that the data leave out: a generator's .env files.
    """

    number: int
    side: str
    wanted: int
    missed: list[gold.Row]
    noted: list[gold.Row]
    false: list[Finding]
    more: list[Finding]


def outcomes(pairs: list[Pair], urls: Mapping[str, str]) -> Iterator[Outcome]:
    """Lints both sides of each pair in a repository of its own."""
    for number, pair in enumerate(pairs):
        for side in ("broken", "fixed"):
            texts = {path: text for path, text in pair[f"files_{side}"].items() if text is not None}
            with tempfile.TemporaryDirectory(prefix="replay-") as folder:
                files = {**stubs(pair[f"exist_{side}"]), **texts}
                root = repositories.write(Path(folder) / "repository", files, urls[pair["repo"]])
                report = watch.report(root)
                yield outcome(number, side, dangling(pair, side), texts, report, root)


def outcome(number: int, side: str, wanted: list[gold.Row], texts: Texts, report: Report, root: Path) -> Outcome:
    """Compares a report with the references that lead nowhere."""
    absent, others = gold.replay(wanted, report.findings, texts)
    templates = {note.path for note in report.notes if note.kind == "template"}
    told = {row["file"] for row in absent} <= templates
    more = [finding for finding in others if not _leads_somewhere(finding, texts, root)]
    false = [finding for finding in others if finding not in more]
    return Outcome(number, side, len(wanted), [] if told else absent, absent if told else [], false, more)


def _leads_somewhere(finding: Finding, texts: Texts, root: Path) -> bool:
    folder = Path() if finding.rule in gold.DEAD_PATH else Path(finding.location.path).parent
    return any(word and (root / folder / word).exists() for word in gold.words_at(finding, texts))


def dangling(pair: Pair, side: str) -> list[gold.Row]:
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
