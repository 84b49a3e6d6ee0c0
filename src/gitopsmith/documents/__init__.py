"""Reads YAML text as Kubernetes does, keeping the place of every key and value.

Kubernetes reads YAML with ``sigs.k8s.io/yaml``, whose parser descends from the same C code as libyaml; what differs is
which plain words become numbers, booleans and nulls, and how merges, anchors and duplicate keys behave. Those rules are
go-yaml v2's ``resolve.go`` and ``decode.go``. Bodies are plain dict, list, str, int, float, bool and None, because the
schema validator refuses subclasses; positions lie beside them.
"""

from __future__ import annotations

from gitopsmith.documents.builder import MAX_DEPTH
from gitopsmith.documents.document import Document, Documents, Mark, Problem
from gitopsmith.documents.pieces import split
from gitopsmith.documents.reading import is_template, load, read

__all__ = ["MAX_DEPTH", "Document", "Documents", "Mark", "Problem", "is_template", "load", "read", "split"]
