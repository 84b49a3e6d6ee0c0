"""Makes and extends a repository."""

from __future__ import annotations

from gitopsmith.generate.repository import Made, new, write
from gitopsmith.generate.vendor import Vendored, vendor

__all__ = ["Made", "Vendored", "new", "vendor", "write"]
