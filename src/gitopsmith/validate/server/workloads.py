"""What workloads, their autoscalers and their disruption budgets say beside their pods.

Facts: ``pkg/apis/{apps,batch,autoscaling,policy}/validation/validation.go`` of Kubernetes. Selectors that do not match
and progress deadlines are rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.manifest import get, items, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server import data, metadata, pods
from gitopsmith.validate.server.refusal import choice, refused

_TEMPLATE = ("spec", "template")
_PERCENT = re.compile(r"[0-9]+%")
_MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_CRON_FIELD = re.compile(r"(\*|\?|[0-9]+|[A-Za-z]{3})(-([0-9]+|[A-Za-z]{3}))?(/[0-9]+)?")
_CRON_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_LONGEST_CRON_JOB = 52


def deployment(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    strategy = mapping(body, "spec", "strategy")
    route = ("spec", "strategy")
    yield from choice((*route, "type"), strategy.get("type"), ("Recreate", "RollingUpdate"))
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        yield refused((*route, "rollingUpdate"), "may not be given when the type is 'Recreate'; set it to null")
    rolling = mapping(strategy, "rollingUpdate")
    for field in ("maxSurge", "maxUnavailable"):
        yield from _share(rolling.get(field), (*route, "rollingUpdate", field))
    if {str(rolling.get(field)).removesuffix("%") for field in ("maxSurge", "maxUnavailable")} == {"0"}:
        yield refused((*route, "rollingUpdate", "maxUnavailable"), "may not be 0 when maxSurge is 0")
    yield from _replicated(body)


def daemon_set(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    route = ("spec", "updateStrategy")
    yield from choice((*route, "type"), get(body, *route, "type"), ("RollingUpdate", "OnDelete"))
    yield from _share(get(body, *route, "rollingUpdate", "maxUnavailable"), (*route, "rollingUpdate", "maxUnavailable"))
    yield from _replicated(body)


def stateful_set(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    route = ("spec", "updateStrategy")
    yield from choice((*route, "type"), get(body, *route, "type"), ("RollingUpdate", "OnDelete"))
    yield from choice(
        ("spec", "podManagementPolicy"), get(body, "spec", "podManagementPolicy"), ("OrderedReady", "Parallel")
    )
    if get(body, *route, "type") == "OnDelete" and get(body, *route, "rollingUpdate") is not None:
        yield refused((*route, "rollingUpdate"), "may not be given when the type is 'OnDelete'")
    for place, claim in items(body, "spec", "volumeClaimTemplates"):
        yield from data.claim(claim, *place)
    claims = {text(claim, "metadata", "name") for claim in sequence(body, "spec", "volumeClaimTemplates")}
    for problem in _replicated(body):
        mounted = problem.route[-1:] == ("name",) and "volumeMounts" in problem.route
        if not (mounted and get(body, *problem.route) in claims):
            yield problem


def _replicated(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    for field in ("replicas", "minReadySeconds"):
        value = get(body, "spec", field)
        if isinstance(value, int) and value < 0:
            yield refused(("spec", field), "must be at least 0")
    yield from metadata.selector(get(body, "spec", "selector"), ("spec", "selector"))
    if isinstance(get(body, *_TEMPLATE), dict):
        yield from pods.template(get(body, *_TEMPLATE), _TEMPLATE, ("Always",))


def pod(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    yield from pods.spec(mapping(body, "spec"), ("spec",), ("Always", "OnFailure", "Never"))


def job(body: dict[str, Any], *above: str) -> Iterator[SchemaProblem]:
    for field in ("parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished", "activeDeadlineSeconds"):
        value = get(body, *above, "spec", field)
        if isinstance(value, int) and value < 0:
            yield refused((*above, "spec", field), "must be at least 0")
    route = (*above, *_TEMPLATE)
    yield from pods.template(mapping(body, *route), route, ("OnFailure", "Never"))


def cron_job(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    schedule, zone = get(body, "spec", "schedule"), get(body, "spec", "timeZone")
    if isinstance(schedule, str) and "TZ=" in schedule:
        yield refused(("spec", "schedule"), "must not name a time zone; write it in spec.timeZone")
    elif isinstance(schedule, str) and (reason := _schedule(schedule)):
        yield refused(("spec", "schedule"), f"{schedule[:60]!r} is no schedule: {reason}")
    if zone == "" or (isinstance(zone, str) and zone.lower() == "local"):
        yield refused(("spec", "timeZone"), "must be the name of a time zone, such as 'Etc/UTC'")
    yield from choice(
        ("spec", "concurrencyPolicy"), get(body, "spec", "concurrencyPolicy"), ("Allow", "Forbid", "Replace")
    )
    name = text(body, "metadata", "name")
    if len(name) > _LONGEST_CRON_JOB:
        yield refused(("metadata", "name"), f"has {len(name)} characters, and a CronJob may have {_LONGEST_CRON_JOB}")
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        if isinstance(get(body, "spec", field), int) and body["spec"][field] < 0:
            yield refused(("spec", field), "must be at least 0")
    yield from job(body, "spec", "jobTemplate")


def _schedule(schedule: str) -> str:
    """Says why a schedule cannot be read (``github.com/robfig/cron/v3``), nothing when it can."""
    if schedule.startswith("@"):
        known = schedule in _MACROS or schedule.startswith("@every ")
        return "" if known else f"known are {', '.join(_MACROS)} and '@every ...'"
    fields = schedule.split()
    if len(fields) != len(_CRON_LIMITS):
        return f"it has {len(fields)} fields instead of 5"
    for field, limits in zip(fields, _CRON_LIMITS, strict=True):
        for part in field.split(","):
            found = _CRON_FIELD.fullmatch(part)
            numbers = [int(found[group]) for group in (1, 3) if (found[group] or "").isdecimal()] if found else []
            if not found or any(not limits[0] <= number <= limits[1] for number in numbers):
                return f"{part!r} cannot stand in its place"
            if len(numbers) == 2 and numbers[0] > numbers[1]:
                return f"{part!r} ends before it begins"
    return ""


def autoscaler(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    least, most = get(body, "spec", "minReplicas"), get(body, "spec", "maxReplicas")
    if isinstance(most, int) and most < 1:
        yield refused(("spec", "maxReplicas"), "must be at least 1")
    if isinstance(least, int) and least < 0:
        yield refused(("spec", "minReplicas"), "must be at least 0")
    if isinstance(least, int) and isinstance(most, int) and most >= 1 and least > most:
        yield refused(("spec", "maxReplicas"), f"must be at least minReplicas, {least}")
    kinds = ("Resource", "Pods", "Object", "External", "ContainerResource")
    for place, row in items(body, "spec", "metrics"):
        yield from choice((*place, "type"), row.get("type"), kinds)
        target = get(row, "resource", "target", "type")
        yield from choice((*place, "resource", "target", "type"), target, ("Utilization", "Value", "AverageValue"))


def budget(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    least, most = get(body, "spec", "minAvailable"), get(body, "spec", "maxUnavailable")
    if least is not None and most is not None:
        yield refused(("spec", "maxUnavailable"), "cannot stand beside minAvailable; choose one")
    for field in ("minAvailable", "maxUnavailable"):
        yield from _share(get(body, "spec", field), ("spec", field))
    yield from metadata.selector(get(body, "spec", "selector"), ("spec", "selector"))


def _share(value: Any, route: tuple[str, ...]) -> Iterator[SchemaProblem]:
    if isinstance(value, str) and not _PERCENT.fullmatch(value):
        yield refused(route, f"must be a number, or a percentage such as '25%', not {value[:40]!r}")
    elif isinstance(value, int) and not isinstance(value, bool) and value < 0:
        yield refused(route, "must be at least 0")
