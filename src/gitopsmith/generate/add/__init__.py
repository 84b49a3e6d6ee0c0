"""Extends a generated repository in place: what its owner made of it since stays."""

from __future__ import annotations

from gitopsmith.generate.add.application import application
from gitopsmith.generate.add.environment import environment
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.add.outcome import Outcome, find_root, put

__all__ = ["Changes", "Outcome", "application", "environment", "find_root", "put"]
