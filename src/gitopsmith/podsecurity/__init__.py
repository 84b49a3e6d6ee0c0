"""The Pod Security Standards: what they refuse of a pod, by level and version, exactly as the API server does."""

from __future__ import annotations

from gitopsmith.podsecurity.expecting import filled_by_openshift, is_meant, unconfined, violations
from gitopsmith.podsecurity.levels import (
    BASELINE,
    ENFORCE,
    ENFORCE_VERSION,
    LEVELS,
    RESTRICTED,
    Enforced,
    breaches,
    enforced,
    is_version,
)

__all__ = [
    "BASELINE",
    "ENFORCE",
    "ENFORCE_VERSION",
    "LEVELS",
    "RESTRICTED",
    "Enforced",
    "breaches",
    "enforced",
    "filled_by_openshift",
    "is_meant",
    "is_version",
    "unconfined",
    "violations",
]
