"""Tells what a run looked at, and what it could not know, so that no silence is mistaken for a clean result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from gitopsmith import evaluate
from gitopsmith.application import Ownership
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Note, Summary
from gitopsmith.graph import Build, Graph
from gitopsmith.lint.reasons import OF_MANY
from gitopsmith.lint.scope import Options
from gitopsmith.manifest import text
from gitopsmith.tree import Tree

TOOL_FAILURES = ("timeout", "killed", "fetch")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


def notes(judge: Judge, worked: Graph, ownership: Ownership, templates: tuple[str, ...]) -> list[Note]:
    said = [Note("repository", _ownership_text(ownership))] if worked.units else []
    counted: Counter[str] = Counter()
    first: dict[str, str] = {}
    for result in worked.results.values():
        if result.failure is None:
            continue
        if result.failure.kind in TOOL_FAILURES:
            said.append(Note(result.failure.kind, result.failure.message, _path(result.build)))
        elif result.failure.kind != "error":
            counted[result.failure.kind] += 1
            first.setdefault(result.failure.kind, f"{result.build.entry}: {result.failure.message}")
    for kind, subject in (one for unit in worked.units for one in unit.unverifiable):
        if kind not in TOOL_FAILURES:
            counted[kind] += 1
            first.setdefault(kind, subject)
        elif Note(kind, subject) not in said:
            said.append(Note(kind, subject))
    for kind, subject in _unexpanded(worked):
        counted[kind] += 1
        first.setdefault(kind, subject)
    for path in _jsonnet(judge.tree, worked):
        counted["jsonnet"] += 1
        first.setdefault("jsonnet", path)
    for named in sorted(judge.rule_checks.unasked) if judge.rule_checks is not None else ():
        counted["rules"] += 1
        first.setdefault("rules", named)
    for reason, count in sorted(counted.items()):
        example = _CREDENTIALS.sub("", first[reason])
        said.append(Note("unverifiable", f"{OF_MANY[reason]}, such as {example}", count=count))
    said += _other_versions(worked)
    message = "looks like a template to be filled in, and no Application reaches it: its errors are left out"
    said += [Note("template", message, path) for path in templates]
    missing = Counter(kind for result in worked.results.values() for kind in result.unvalidated)
    for kind, count in sorted(missing.items(), key=lambda pair: (-pair[1], pair[0])):
        said.append(Note("schema", f"no schema for {kind}", count=count))
    return said


def _unexpanded(worked: Graph) -> set[tuple[str, str]]:
    """Returns what is not known of which ApplicationSet; one that several builds render counts once."""
    return {
        (kind, f"{one.application_set.origin.path or one.entry}: {subject}")
        for one in worked.expanded
        for kind, subject in one.expansion.unverifiable
    }


def _other_versions(worked: Graph) -> list[Note]:
    """Says which sources ask for a kustomize of their own, which Argo CD has only where it is configured to."""
    sources = (source for unit in worked.units for source in unit.application.sources if source.own)
    versions = [version for source in sources if (version := text(source.body, "kustomize", "version"))]
    message = "sources ask for another kustomize than the one that renders here, such as"
    return [Note("unverifiable", f"{message} {versions[0]}", count=len(versions))] if versions else []


def _path(build: Build) -> str:
    """Returns where a build lies; a chart from elsewhere lies nowhere here, and its message names it."""
    return build.entry if build.chart is None else ""


def scope_note(options: Options, only: frozenset[str] | None, worked: Graph, findings: Iterable[Finding]) -> list[Note]:
    """Says that what the user named is part of nothing that was judged, lest that be taken for a clean result."""
    if only is None or any(findings) or any(only & set(result.inputs) for result in worked.results.values()):
        return []
    if only & {unit.application.resource.origin.path for unit in worked.units}:
        return []
    named = ", ".join(str(path) for path in options.paths)
    return [Note("scope", f"nothing that Argo CD applies, and that git does not ignore, is reached from {named}")]


def _jsonnet(files: Tree, worked: Graph) -> list[str]:
    directories = [build for build in worked.results if build.type == "directory" and not build.commit]
    found = {path for build in directories for path in evaluate.files_of(files, build) if path.endswith(".jsonnet")}
    return sorted(found)


def _ownership_text(ownership: Ownership) -> str:
    if ownership.how == "unknown":
        return (
            "which repository URL means this repository is not known, so paths of Applications were not checked; "
            "set repository.urls in .gitopsmith.yaml"
        )
    return f"this repository is {', '.join(sorted(ownership.identities))} (by {ownership.how})"


def summary(files: Tree, worked: Graph, seconds: dict[str, float]) -> Summary:
    results = worked.results.values()
    failed = sum(result.failure is not None for result in results)
    unknown = sum(len(unit.unverifiable) for unit in worked.units) + len(_unexpanded(worked))
    rendered = len(worked.results) - failed
    return Summary(
        applications=len({(unit.application.resource.origin.path, *unit.application.key) for unit in worked.units}),
        builds=len(worked.results),
        failed_builds=failed,
        objects=sum(len(result.objects) for result in results),
        validated=sum(result.validated for result in results),
        unvalidated=sum(len(result.unvalidated) for result in results),
        files=len(files.files),
        rendered_share=round(rendered / (len(worked.results) + unknown), 4) if worked.results or unknown else 1.0,
        seconds=seconds,
    )
