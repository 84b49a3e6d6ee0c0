"""Takes up a repository that is there already: what it seems to be, written down for its owner to correct."""

from __future__ import annotations

from gitopsmith.adopt.files import Plan, plan, write
from gitopsmith.adopt.understanding import Understood, understand

__all__ = ["Plan", "Understood", "plan", "understand", "write"]
