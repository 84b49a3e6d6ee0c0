"""Runs one policy on a text, as plainly as can be, and tells the lines that it finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitopsmith import application, documents, kustomization, tree
from gitopsmith.application import Application, Ownership, Repository
from gitopsmith.documents import Document
from gitopsmith.manifest import Resource
from gitopsmith.policy import Policy, Violation

MARK = "# <- here"
OWN = Ownership(frozenset({"git.example.com/team/fleet"}), "configuration")


def marked_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if MARK in line]


def judged(item: Policy, text: str, folder: Path) -> list[tuple[int, Violation]]:
    """Runs a policy's function on a text, as plainly as can be; returns each violation with its line."""
    assert item.check is not None
    found: list[tuple[int, Violation]] = []
    for document, subject in subjects(item, text, folder):
        for violation in item.check(subject):
            place = subjects_document(violation, document, text)
            found.append((place.location("", violation.route).line, violation))
    return found


def subjects(item: Policy, text: str, folder: Path) -> Iterator[tuple[Document, Any]]:
    read = documents.read(text.encode())
    assert not read.problems
    if item.subject in {"kustomization", "layer"}:
        (folder / "kustomization.yaml").write_text(text)
        files = tree.open_tree(folder)
        found = kustomization.read(files, "kustomization.yaml")
        yield read.documents[0], found if item.subject == "kustomization" else kustomization.layer(files, found, {})
    elif item.subject == "resource":
        alone = tuple(Resource(document.body) for document in read.documents)
        for document, resource in zip(read.documents, alone, strict=True):
            if {"*", resource.group_kind} & item.kinds:
                yield document, Resource(document.body, siblings=alone)
    else:
        applications = tuple(
            application.read(Resource(document.body), tree.open_tree(folder), OWN) for document in read.documents
        )
        if item.subject == "repository":
            projects = tuple(each.resource for each in applications if each.resource.kind == "AppProject")
            live = tuple(each for each in applications if each.resource.kind == "Application")
            yield read.documents[0], Repository(live, projects=projects)
        else:
            yield from zip(read.documents, applications, strict=True)


def subjects_document(violation: Violation, document: Document, text: str) -> Document:
    """Finds the document that a violation is about; repository policies name it themselves."""
    if not isinstance(violation.subject, Application):
        return document
    bodies = {repr(found.body): found for found in documents.read(text.encode()).documents}
    return bodies[repr(violation.subject.body)]
