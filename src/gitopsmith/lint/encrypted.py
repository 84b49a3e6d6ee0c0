"""Looks at the files that SOPS encrypts or should, which a plugin reads and no build shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import secrets
from gitopsmith.documents import Document, load
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Location, ObjectName, Route, Severity
from gitopsmith.kustomization import FILE_NAMES
from gitopsmith.manifest import Resource, get, is_object, pointer
from gitopsmith.secrets import sops
from gitopsmith.secrets.sops import CreationRule
from gitopsmith.tree import Tree, is_yaml

UNENCRYPTED, BROKEN, ESCAPED = "sops-unencrypted-value", "sops-metadata-invalid", "sops-rule-escaped"


def check_encrypted(judge: Judge, only: frozenset[str] | None) -> list[Finding]:
    """Returns what is wrong with files that SOPS encrypted, and those that a ``.sops.yaml`` wants encrypted."""
    if not {UNENCRYPTED, BROKEN, ESCAPED} & set(judge.rules):
        return []
    rules = _creation_rules(judge.tree)
    found: list[Finding] = []
    for path in judge.tree.files if only is None else sorted(only & set(judge.tree.files)):
        if is_yaml(path):
            data = judge.tree.data(path) or b""
            if sops.CIPHERTEXT.encode() in data:
                found += _encrypted(judge, path)
            elif (rule := _rule_of(path, rules)) is not None:
                found += _escaped(judge, path, rule)
    return [finding for finding in found if finding.rule in judge.rules]


def _creation_rules(tree: Tree) -> dict[str, tuple[CreationRule, ...]]:
    """Returns the rules of each ``.sops.yaml`` by the directory that it lies in."""
    paths = (path for path in tree.files if path.rpartition("/")[2] == sops.CONFIGURATION)
    texts = ((path, (tree.data(path) or b"").decode("utf-8", "replace")) for path in paths)
    return {path.rpartition("/")[0]: sops.creation_rules(load(text)) for path, text in texts}


def _rule_of(path: str, rules: dict[str, tuple[CreationRule, ...]]) -> CreationRule | None:
    """Returns the rule with a pattern that a file falls under; one for all files says nothing about this one."""
    if not rules or path.rpartition("/")[2] in {sops.CONFIGURATION, *FILE_NAMES}:
        return None
    directory = path.rpartition("/")[0]
    while directory and directory not in rules:
        directory = directory.rpartition("/")[0]
    relative = path.removeprefix(f"{directory}/")
    rule = next((rule for rule in rules.get(directory, ()) if rule.is_about(relative)), None)
    return rule if rule is not None and rule.pattern else None


def _encrypted(judge: Judge, path: str) -> Iterator[Finding]:
    found = judge.tree.documents(path).documents
    encrypted = [(document, route) for document in found for route in list(sops.ciphertext(document.body))[:1]]
    for document, route in encrypted:
        missing = sops.missing_metadata(document.body)
        if missing and (len(found) == 1 or get(document.body, "sops")):
            message = f"values are encrypted by SOPS, and the file has lost {missing}, so that nothing can decrypt them"
            place = ("sops",) if get(document.body, "sops") else route
            yield _finding(judge, BROKEN, path, document, place, f"{message}; encrypt the file anew from its source")
    for document in found:
        for route in sops.sops_unencrypted(document.body) if secrets.is_sops(document.body) else ():
            message = f"{pointer(document.body, route)} stands in plain text in a file that SOPS encrypts"
            hint = "replace the value, and write the new one with sops"
            yield _finding(judge, UNENCRYPTED, path, document, route, f"{message}; {hint}")


def _escaped(judge: Judge, path: str, rule: CreationRule) -> Iterator[Finding]:
    """Yields a finding at the first value of a file that holds a secret, though a rule wants it encrypted."""
    for document in judge.tree.documents(path).documents:
        routes = [route for route in sops.to_be_encrypted(document.body, rule) if _is_plain(document.body, route)]
        if not routes:
            continue
        message = "this is not encrypted, and a creation rule in .sops.yaml says that the file is to be"
        severity = Severity.ERROR if any(_holds(document.body, route) for route in routes) else Severity.WARNING
        hint = "replace the values, and encrypt the file with sops"
        yield _finding(judge, ESCAPED, path, document, routes[0], f"{message}; {hint}", severity)
        return


def _is_plain(body: Any, route: Route) -> bool:
    """Tells whether a value is one of a Secret that anybody can read, or a credential in anything else."""
    if get(body, "kind") == "Secret":
        return any(route == plain for plain, _, _ in secrets.plain_values(body))
    value = get(body, *route)
    return isinstance(value, str) and secrets.credential(str(route[-1]), value) is not None


def _holds(body: Any, route: Route) -> bool:
    """Tells whether a value is a credential."""
    value = get(body, *route)
    content = secrets.decoded(value) if route[0] == "data" and get(body, "kind") == "Secret" else value
    found = secrets.credential(str(route[-1]), content)
    return found is not None and (found.certain or get(body, "kind") == "Secret")


def _finding(
    judge: Judge, rule: str, path: str, document: Document, route: Route, message: str, worst: Severity = Severity.ERROR
) -> Finding:
    about: ObjectName | None = Resource(document.body).object if is_object(document.body) else None
    place: Location = document.location(path, route)
    severity = min(worst, judge.rules.get(rule, worst))
    source = f"{about.kind}/{about.name}" if about else ""
    return Finding(rule, severity, message, place, about, source, pointer(document.body, route))
