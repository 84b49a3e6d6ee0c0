"""Mends what lint finds, at the place where it is written, and proves that each fix holds before a file is touched."""

from gitopsmith.fix.describing import described
from gitopsmith.fix.telling import told
from gitopsmith.fix.working import Left, Outcome, fix
from gitopsmith.fix.writing import difference, write

__all__ = ["Left", "Outcome", "described", "difference", "fix", "told", "write"]
