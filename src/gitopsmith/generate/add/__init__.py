"""Extends a generated repository in place: what its owner made of it since stays."""

from __future__ import annotations

from gitopsmith.generate.add.application import application
from gitopsmith.generate.add.chart import Chart
from gitopsmith.generate.add.environment import environment
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.add.outcome import Outcome, find_root, put
from gitopsmith.generate.add.platform import platform

__all__ = ["Changes", "Chart", "Outcome", "application", "environment", "find_root", "platform", "put"]
