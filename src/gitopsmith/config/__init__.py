"""The configuration of a repository, ``.gitopsmith.yaml``."""

from __future__ import annotations

from gitopsmith.config.model import (
    ARGOCD,
    KUBERNETES,
    Cluster,
    Config,
    Environment,
    Override,
    Promises,
    matches,
    promised,
)
from gitopsmith.config.reading import FILE_NAME, find_root, parse, read
from gitopsmith.config.writing import write

__all__ = [
    "ARGOCD",
    "FILE_NAME",
    "KUBERNETES",
    "Cluster",
    "Config",
    "Environment",
    "Override",
    "Promises",
    "find_root",
    "matches",
    "parse",
    "promised",
    "read",
    "write",
]
