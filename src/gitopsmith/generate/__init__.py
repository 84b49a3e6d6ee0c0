"""Makes and extends a repository."""

from __future__ import annotations

from gitopsmith.generate.repository import Made, new, write

__all__ = ["Made", "new", "write"]
