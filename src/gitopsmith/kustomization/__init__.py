"""A typed view of a kustomization file, and everything that kustomize reads because of it.

Facts are kustomize's own (``api/internal/target``, ``api/internal/loader`` and ``api/internal/git`` of v0.21): an entry
under ``resources`` is tried as a file, then as a remote repository, then as a directory; files must lie in or below the
kustomization's directory, directories need not; field names are matched without case.
"""

from __future__ import annotations

from gitopsmith.kustomization.closure import closure, direct
from gitopsmith.kustomization.layer import Layer, including, layer, overrides, own_layer
from gitopsmith.kustomization.naming import keyed_pointer
from gitopsmith.kustomization.reading import FILE_NAMES, find, is_below, reachable, read
from gitopsmith.kustomization.references import patch_field
from gitopsmith.kustomization.remote import Remote, is_remote, read_remote, remote_reference
from gitopsmith.kustomization.view import FIELDS, Form, Kustomization, Reference, State, spelled

__all__ = [
    "FIELDS", "FILE_NAMES", "Form", "Kustomization", "Layer", "Reference", "Remote", "State", "closure", "direct",
    "find", "including", "is_below", "is_remote", "keyed_pointer", "layer", "overrides", "own_layer",
    "patch_field", "reachable", "read", "read_remote", "remote_reference", "spelled",
]  # fmt: skip
