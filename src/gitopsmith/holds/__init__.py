"""Holds: versions that a rollback took away from an environment, and that nobody shall bring back by mistake."""

from gitopsmith.holds.file import FOLDER, OLD_FILE, change, path_of, read, texts
from gitopsmith.holds.model import Hold, Written, find, lifted

__all__ = ["FOLDER", "OLD_FILE", "Hold", "Written", "change", "find", "lifted", "path_of", "read", "texts"]
