"""Holds: versions that a rollback took away from an environment, and that nobody shall bring back by mistake."""

from gitopsmith.holds.file import FILE_NAME, lift, put, read
from gitopsmith.holds.model import Hold, Read, Written, find, lifted

__all__ = ["FILE_NAME", "Hold", "Read", "Written", "find", "lift", "lifted", "put", "read"]
