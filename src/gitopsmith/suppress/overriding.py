"""Overrides in the configuration, which weigh findings by their paths."""

from __future__ import annotations

from dataclasses import replace

from gitopsmith.config import Config, matches
from gitopsmith.finding import Finding, Severity, Suppressed


def override(finding: Finding, config: Config, family: str = "") -> Finding | Suppressed | None:
    """Applies the configuration's ordered overrides to one finding; the last that names its path and rule wins.

    Within one override, the rule's own level wins over its family's. Returns None where no override is about it.
    """
    for item in reversed(config.overrides):
        level = item.rules.get(finding.rule, item.rules.get(family))
        if level is None or not matches(finding.location.path, item.paths):
            continue
        if level == "off":
            return Suppressed(finding, item.reason, "configuration")
        return replace(finding, severity=Severity[level.upper()])
    return None
