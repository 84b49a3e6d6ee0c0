"""What a repository asks for from elsewhere, each exact version brought once and kept.

The folder is ``gitopsmith/fetched`` in the user's cache; what is kept there is used without the network. A version that
can mean something else tomorrow is never fetched.
"""

from __future__ import annotations

import os
from pathlib import Path

from gitopsmith.fetch.artifacts import SCHEME, Artifact
from gitopsmith.fetch.charts import Chart
from gitopsmith.fetch.commits import OWN_FILES_ONLY, Place
from gitopsmith.fetch.files import File
from gitopsmith.fetch.refusal import Moving, Refused
from gitopsmith.fetch.store import Checkout, Kept, Store

__all__ = [
    "OWN_FILES_ONLY", "SCHEME", "Artifact", "Chart", "Checkout", "File", "Kept", "Moving", "Place", "Refused", "Store",
    "folder",
]  # fmt: skip


def folder() -> Path:
    """Returns where fetched things are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gitopsmith" / "fetched"
