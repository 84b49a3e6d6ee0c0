"""By which rules a run judges: the configuration, with what the command line says over it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gitopsmith import argocd, config
from gitopsmith.config import Config
from gitopsmith.finding import Failure, Severity
from gitopsmith.lint.scope import Options
from gitopsmith.policy import OFF, PROFILES, Policy
from gitopsmith.validate import kubernetes_versions


class Rules(NamedTuple):
    """The rules that a run judges by, with their severities.

    Those that are not ``everywhere`` are in force only where an override of the configuration says so.
    """

    judged: dict[str, Severity]
    everywhere: frozenset[str]

    def level(self, rule: str) -> str:
        """Returns the level of a rule outside of overrides."""
        return str(self.judged[rule]) if rule in self.everywhere else "off"


def settings_of(options: Options, root: Path, policies: Iterable[Policy]) -> Config:
    """Returns the configuration, with what the command line says over it.

    Raises Failure for what neither may say.
    """
    names = {name for item in policies for name in (item.id, item.family)}
    for name in (*options.select, *options.ignore):
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            raise Failure(f"unknown rule {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    path = options.config or root / config.FILE_NAME
    if options.config is not None and not path.is_file():
        raise Failure(f"{path}: no such configuration file")
    found = config.read(path, names) if path.is_file() and not options.isolated else Config()
    found = replace(
        found,
        kubernetes=options.kubernetes or found.kubernetes,
        argocd=options.argocd or found.argocd,
        names_argocd=bool(options.argocd) or found.names_argocd,
        profile=options.profile or found.profile,
    )
    known = kubernetes_versions()
    if found.kubernetes not in known:
        raise Failure(f"no schemas for Kubernetes {found.kubernetes}; there are {known[0]} to {known[-1]}")
    if not argocd.is_version(found.argocd):
        raise Failure(f"{found.argocd!r} is no version of Argo CD; write it as {config.ARGOCD}")
    return found


def active_rules(policies: Iterable[Policy], settings: Config, options: Options) -> Rules:
    """Returns the rules in force: by profile, then configuration, then the command line."""
    judged: dict[str, Severity] = {}
    everywhere: set[str] = set()
    for item in policies:
        if _is_left_out(item, options):
            continue
        level = _level(item, settings, options)
        if level != "off":
            everywhere.add(item.id)
        if level != "off" or _is_wanted_somewhere(item, settings):
            judged[item.id] = item.severity if level in {"default", "off"} else Severity[level.upper()]
    return Rules(judged, frozenset(everywhere))


def _is_left_out(item: Policy, options: Options) -> bool:
    names = {item.id, item.family}
    return bool(names & set(options.ignore)) or (bool(options.select) and not names & set(options.select))


def _level(item: Policy, settings: Config, options: Options) -> str:
    level = _named(item, dict(settings.rules)) or "default"
    profiles = PROFILES[: PROFILES.index(settings.profile) + 1]
    if level == "default" and item.profile not in profiles and item.id not in options.select:
        return "off"
    return level


def _is_wanted_somewhere(item: Policy, settings: Config) -> bool:
    return any((_named(item, one.rules) or "off") != "off" for one in settings.overrides)


def _named(item: Policy, levels: Mapping[str, str]) -> str | None:
    """Returns the level that a rule is given, by its own name or its family's; one that is an opinion, by its own."""
    return levels.get(item.id, None if item.profile == OFF else levels.get(item.family))


def shown(settings: Config, rules: Rules, policies: Iterable[Policy]) -> str:
    """Returns the configuration as it is in force, as a complete file of its own that gives the same run."""
    levels = {item.id: rules.level(item.id) for item in sorted(policies, key=lambda item: item.id)}
    source = settings.path or "no configuration file"
    return (
        f"# {source}, the profile {settings.profile} and the command line, all in one\n{config.write(settings, levels)}"
    )
