"""Applications as values: what they deploy, from where, and how it is known that they exist."""

from __future__ import annotations

from gitopsmith.application.deployed import Deployed, ObjectFact, Repository
from gitopsmith.application.model import Application, Generation, Source
from gitopsmith.application.owning import Ownership, evidence, ownership
from gitopsmith.application.reading import asked_revisions, instance_name, is_fixed, read

__all__ = [
    "Application",
    "Deployed",
    "Generation",
    "ObjectFact",
    "Ownership",
    "Repository",
    "Source",
    "asked_revisions",
    "evidence",
    "instance_name",
    "is_fixed",
    "ownership",
    "read",
]
