"""Silences findings where a person wrote down why, and those that a baseline has taken down."""

from __future__ import annotations

from gitopsmith.suppress.baseline import FILE_NAME, Baseline, Entry, read
from gitopsmith.suppress.comment import Comment, apply, comments
from gitopsmith.suppress.overriding import override

__all__ = ["FILE_NAME", "Baseline", "Comment", "Entry", "apply", "comments", "override", "read"]
