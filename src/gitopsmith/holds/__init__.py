"""Holds: versions that a rollback took away from an environment, and that nobody shall bring back by mistake."""

from gitopsmith.holds.file import FILE_NAME, Written, lift, put, read
from gitopsmith.holds.model import Hold, find, lifted

__all__ = ["FILE_NAME", "Hold", "Written", "find", "lift", "lifted", "put", "read"]
