"""The peers' own cases: what each is about, and what our rules say of it."""

from __future__ import annotations

import fnmatch
import functools
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bench import facts, repositories, watch

from gitopsmith import documents, peers
from gitopsmith.finding import Finding, Severity
from gitopsmith.peers import Check

SUITES = ("kube-linter", "kube-score", "kyverno-argo", "argocd-source-lint", "argo-cd", "kubeconform")
EVERY_CHECK = "*"
"""What argocd-source-lint's cases call all of its checks together."""
_APPLICATION = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}


class Case(NamedTuple):
    """One row of a suite's ``expected.json``. ``sources`` are what is linted; ``files`` where a report is right."""

    suite: str
    id: str
    check: str
    flag: bool
    sources: tuple[str, ...]
    files: frozenset[str] = frozenset()
    object: str = ""
    container: str = ""
    text: str = ""
    url: str = ""
    errors_only: bool = False
    fact: Mapping[str, Any] | None = None
    """What is asked where the question is no manifest: whether a project permits something."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What of ours stands for a peer's check. What is said of single cases is by row id, in which ``*`` is anything.

    Of the rules that the check is only ``part_of``, findings about some ``fields`` count, where any are named.
    ``only`` says which rules stand for a case that is run with options of the peer.
    """

    rules: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    only: Mapping[str, list[str]] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)
    uncovered: Mapping[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def ours(self) -> tuple[str, ...]:
        return (*self.rules, *self.part_of)

    def reason(self, case: Case) -> str:
        return _matching(self.differs, case.id)

    def standing_for(self, case: Case) -> tuple[str, ...]:
        """Returns the rules that stand for the check, as this case runs it."""
        only = next((rules for pattern, rules in self.only.items() if fnmatch.fnmatchcase(case.id, pattern)), None)
        return self.ours if only is None else tuple(only)

    def speaks_of(self, finding: Finding) -> bool:
        """Tells whether a finding is about what the check is about."""
        wide = finding.rule in self.part_of and self.fields
        return not wide or any(name in finding.pointer for name in self.fields)

    def covers(self, case: Case) -> bool:
        return bool(self.ours) and not _matching(self.uncovered, case.id)


class Verdict(NamedTuple):
    """What came out for one case; ``flagged`` is None where no rule of ours is about it."""

    case: Case
    flagged: bool | None
    reason: str = ""

    @property
    def agrees(self) -> bool:
        return self.flagged is self.case.flag


def counterparts(path: Path) -> dict[str, dict[str, Counterpart]]:
    """Returns which rules of ours stand for which checks: what ``peers/`` says, and what a file adds about cases."""
    body = documents.load(path.read_text(encoding="utf-8"))
    return {suite: dict(_counterparts(suite, added)) for suite, added in body.items()}


def _counterparts(suite: str, added: Mapping[str, Any]) -> Iterator[tuple[str, Counterpart]]:
    table = peers.load()[suite].checks if suite in peers.load() else {}
    for name in dict.fromkeys((*table, *added)):
        entry = added.get(name) or {}
        like = entry.get("like", table if name == EVERY_CHECK else [name])
        yield name, _counterpart(entry, [table[each] for each in like if each in table])


def _counterpart(entry: Mapping[str, Any], checks: list[Check]) -> Counterpart:
    return Counterpart(
        tuple(dict.fromkeys((*entry.get("rules", ()), *(rule for check in checks for rule in check.rules)))),
        tuple(dict.fromkeys(rule for check in checks for rule in check.part_of)),
        tuple(entry.get("fields", ())),
        entry.get("only", {}),
        entry.get("differs", {}),
        entry.get("uncovered", {}),
        "".join(check.why for check in checks),
    )


def cases(conformance: Path, suite: str) -> list[Case]:
    """Returns the cases of one suite, in its order."""
    folder = conformance / suite
    rows = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    if suite == "argocd-source-lint":
        return [_repository_case(suite, row) for row in rows]
    facts = folder / "facts" / "appproject.json"
    told = json.loads(facts.read_text(encoding="utf-8")) if facts.is_file() else {}
    return [_case(suite, row, told.get(row["id"])) for row in rows]


def _case(suite: str, row: Mapping[str, Any], fact: Mapping[str, Any] | None) -> Case:
    sources = tuple(row["file"]) if isinstance(row["file"], list) else (row["file"],)
    return Case(
        suite,
        row["id"],
        row["check"].lower().replace(" ", "-") if suite == "kube-score" else row["check"],
        row["verdict"] == "flag",
        sources,
        object=row["object"] or "",
        container=row.get("container", ""),
        text=_application(fact) if fact else "",
        fact=fact if fact and fact["kind"] in facts.KINDS else None,
    )


def _repository_case(suite: str, row: Mapping[str, Any]) -> Case:
    places = (row["file"], *(row.get("also_ok_at") or ()))
    return Case(
        suite,
        row["id"],
        row["check"],
        row["verdict"] == "flag",
        (f"{row['folder']}/",),
        frozenset(place.removeprefix(f"{row['folder']}/") for place in places),
        row["object"] or "",
        url=row["own_repo"],
        errors_only=row["verdict"] == "clean" and row["check"] != EVERY_CHECK,
    )


def _application(fact: Mapping[str, Any]) -> str:
    """Writes the Application that a fact is about, and its project; facts about anything else are no manifests."""
    if fact["kind"] != "application":
        return ""
    named = {"project": "default", **fact["applicationSpec"]}
    metadata = {"name": "guestbook", "namespace": "argocd"}
    project = {"kind": "AppProject", "metadata": {**metadata, "name": named["project"]}, "spec": fact["projectSpec"]}
    written = ({**_APPLICATION, "metadata": metadata, "spec": named}, {**_APPLICATION, **project})
    return "\n---\n".join(json.dumps(body) for body in written)


def judge(conformance: Path, cases: Iterable[Case], known: Mapping[str, Counterpart]) -> Iterator[Verdict]:
    """Lints what every case is about, what several share once, and compares."""

    @functools.cache
    def findings(suite: str, sources: tuple[str, ...], text: str, url: str, rules: tuple[str, ...]) -> list[Finding]:
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            root = _folder(Path(folder), conformance / suite, sources, text, url)
            settings = f"peers: [{suite}]\n" if suite in peers.ANNOTATED else ""
            found = watch.report(root, rules, jobs=1, settings=settings).findings
            return [finding for finding in found if finding.rule in rules]

    for case in cases:
        counterpart = known.get(case.check, Counterpart())
        if not counterpart.covers(case):
            yield Verdict(case, None, _matching(counterpart.uncovered, case.id) or counterpart.why)
            continue
        if case.fact is not None:
            permitted = facts.answer(case.fact)
            yield Verdict(case, None if permitted is None else not permitted, counterpart.reason(case))
            continue
        found = findings(case.suite, case.sources, case.text, case.url, counterpart.standing_for(case))
        flagged = any(is_about(finding, case) and counterpart.speaks_of(finding) for finding in found)
        yield Verdict(case, flagged, counterpart.reason(case))


def _folder(folder: Path, suite: Path, sources: Iterable[str], text: str, url: str) -> Path:
    if text:
        (folder / "manifest.yaml").write_text(text, encoding="utf-8")
        return folder
    for source in sources:
        if url:
            return repositories.copy(suite / source, folder / "repository", url)
        if source.endswith("/"):
            shutil.copytree(suite / source, folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
            folder.chmod(0o755)
        else:
            shutil.copyfile(suite / source, folder / Path(source).name)
    return folder


def is_about(finding: Finding, case: Case) -> bool:
    """Tells whether a finding is at the place, or on the object, that a case is about."""
    if case.errors_only and finding.severity is not Severity.ERROR:
        return False
    kind, _, name = case.object.partition("/")
    if case.files:
        at_place = finding.location.path in case.files
        deployed = case.check != EVERY_CHECK and kind == "Application" and name in finding.applications
        return at_place or deployed
    if not kind or finding.object is None:
        return True
    if case.container and f"[name={case.container}]" not in finding.pointer:
        return False
    return finding.object.kind == kind and name in {"", finding.object.name}


def _matching(reasons: Mapping[str, str], row: str) -> str:
    return next((reason for pattern, reason in reasons.items() if fnmatch.fnmatchcase(row, pattern)), "")
