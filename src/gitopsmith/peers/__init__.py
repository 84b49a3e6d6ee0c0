"""Other linters: which rule of ours stands for each of their checks, and what their annotations leave out."""

from __future__ import annotations

from gitopsmith.peers.annotations import ANNOTATED, exemptions
from gitopsmith.peers.table import Check, Peer, find, load, standing_for

__all__ = ["ANNOTATED", "Check", "Peer", "exemptions", "find", "load", "standing_for"]
