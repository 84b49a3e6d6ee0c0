"""What a generated repository was made from: the answers to the questions of ``gitopsmith new``.

One word names an answer everywhere: as a flag, as a key of an answers file, in messages and in templates.
"""

from __future__ import annotations

from gitopsmith.answers.checks import Problem, check, notes, problems, title, untested
from gitopsmith.answers.forms import Values, amend, application, complete, environment, listed, team
from gitopsmith.answers.model import (
    CHOICES,
    DEMO_IMAGE,
    FILE_NAME,
    IN_CLUSTER,
    Answers,
    Application,
    Environment,
    Team,
)
from gitopsmith.answers.reading import read
from gitopsmith.answers.urls import host, usable
from gitopsmith.answers.writing import variables, write

__all__ = [
    "CHOICES",
    "DEMO_IMAGE",
    "FILE_NAME",
    "IN_CLUSTER",
    "Answers",
    "Application",
    "Environment",
    "Problem",
    "Team",
    "Values",
    "amend",
    "application",
    "check",
    "complete",
    "environment",
    "host",
    "listed",
    "notes",
    "problems",
    "read",
    "team",
    "title",
    "untested",
    "usable",
    "variables",
    "write",
]
