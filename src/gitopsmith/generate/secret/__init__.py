"""Adds a secret to a repository in the ways in which git may hold it: sealed, or as the name of an entry elsewhere."""

from __future__ import annotations

from gitopsmith.generate.secret.application import Request, application
from gitopsmith.generate.secret.external import Entry
from gitopsmith.generate.secret.repository import repository
from gitopsmith.generate.secret.sealed import Certificate
from gitopsmith.generate.secret.values import Sources

__all__ = ["Certificate", "Entry", "Request", "Sources", "application", "repository"]
