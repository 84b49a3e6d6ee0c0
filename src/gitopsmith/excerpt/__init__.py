"""The files of a commit that decide what some Applications are, so that only these need to be read out and rendered."""

from gitopsmith.excerpt.changing import of_change
from gitopsmith.excerpt.choosing import Excerpt, Uncertain, is_literal
from gitopsmith.excerpt.finding import of_application
from gitopsmith.excerpt.snapshot import Shelf, Snapshot
from gitopsmith.excerpt.taking import contents, take

__all__ = ["Excerpt", "Shelf", "Snapshot", "Uncertain", "contents", "is_literal", "of_application", "of_change", "take"]
