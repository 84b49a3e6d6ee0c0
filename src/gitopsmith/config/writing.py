"""Writes a configuration down, so that it can be read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsmith.config.model import Cluster, Config, Environment, Override, Promises


def write(config: Config, rules: Mapping[str, str]) -> str:
    """Returns a configuration as YAML in which each rule has the given level; what is empty is left out."""
    import yaml  # noqa: PLC0415 - only where a configuration is shown

    body = {
        "repository": _filled({"urls": list(config.urls)}),
        "environments": [_environment(one) for one in config.environments],
        "clusters": [_cluster(one) for one in config.clusters],
        "applicationsets": config.application_sets,
        "kustomize": _filled({"buildOptions": config.build_options}),
        "kubernetes": config.kubernetes,
        "argocd": config.argocd,
        "budgets": {"rollback": config.rollback_seconds, **_made(config.promises)},
        "promote": _filled(
            {
                "files": list(config.promoted_files),
                "applications": {name: list(found) for name, found in config.promoted_files_of.items()},
            }
        ),
        "profile": config.profile,
        "rules": dict(rules),
        "peers": list(config.peers),
        "overrides": [_override(one) for one in config.overrides],
    }
    return yaml.safe_dump(_filled(body), sort_keys=False, allow_unicode=True, width=120)


def _made(promises: Promises) -> dict[str, Any]:
    """Returns the promises that somebody made."""
    return {name: value for name, value in promises._asdict().items() if value not in {"none", "any"}}


def _environment(one: Environment) -> dict[str, Any]:
    return _filled({"name": one.name, "paths": list(one.paths), "cluster": one.cluster, "protected": one.protected})


def _cluster(one: Cluster) -> dict[str, Any]:
    return _filled(one._asdict())


def _override(one: Override) -> dict[str, Any]:
    """Returns an override with the paths of its environments in place of their names."""
    return {"paths": list(one.paths), "rules": dict(one.rules), "reason": one.reason}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
