"""Makes and extends a repository."""

from __future__ import annotations

from gitopsmith.generate.repository import Made, new, refuse_unless_empty, write
from gitopsmith.generate.vendor import Vendored, vendor

__all__ = ["Made", "Vendored", "new", "refuse_unless_empty", "vendor", "write"]
