"""Sync windows, as Argo CD judges them; moments and answers were worked out from its source by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gitopsmith.application import Application
from gitopsmith.manifest import Origin, Resource
from gitopsmith.rollback.windows import denial, is_active

NIGHT = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
"""A Saturday."""


def _window(schedule: str, duration: str = "1h", **more: Any) -> dict[str, Any]:
    return {"kind": "deny", "schedule": schedule, "duration": duration, "applications": ["*"], **more}


@pytest.mark.parametrize(
    ("schedule", "duration", "more", "active"),
    [
        ("0 23 * * *", "1h", {}, True),
        ("0 22 * * *", "1h", {}, False),
        ("0 22 * * *", "1h30m", {}, False),
        ("0 22 * * *", "1h31m", {}, True),
        ("0 20 * * 5", "48h", {}, True),
        ("0 20 * * fri", "24h", {}, False),
        ("*/15 * * * *", "5m", {}, True),
        ("5-20/5 23 * * sat,sun", "10m", {}, False),
        ("5-20/5 23 * * sat,sun", "11m", {}, True),
        ("0 23 1 * 6", "1h", {}, True),
        ("0 23 1 nov *", "1h", {}, False),
        ("0 0 * * *", "1h", {"timeZone": "Europe/Berlin"}, True),
        ("0 0 * * *", "1h", {"timeZone": "Nowhere/Land"}, False),
        ("@daily", "24h", {}, False),
        ("0 25 * * *", "24h", {}, False),
        ("0 23 * * *", "an hour", {}, False),
        ("0 0 1 11 *", "720h", {}, True),
    ],
)
def test_window_is_active_as_long_as_it_lasts(schedule: str, duration: str, more: dict[str, Any], active: bool) -> None:
    assert is_active(_window(schedule, duration, **more), NIGHT) is active


def _application() -> Application:
    spec = {"destination": {"name": "eu", "server": "https://eu.example.com", "namespace": "web"}}
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web-prod"}, "spec": spec}
    return Application(Resource(body, Origin("apps/web.yaml")), ())


ON, OFF = _window("* * * * *"), _window("0 1 1 1 *")


@pytest.mark.parametrize(
    ("windows", "denied", "manual"),
    [
        ([ON], True, False),
        ([{**ON, "manualSync": True}], True, True),
        ([{**ON, "manualSync": True}, ON], True, False),
        ([OFF], False, False),
        ([{**OFF, "kind": "allow"}], True, False),
        ([{**OFF, "kind": "allow"}, {**ON, "kind": "allow"}], False, False),
        ([{**ON, "kind": "allow"}, ON], True, False),
        ([{**ON, "applications": ["shop"]}], False, False),
        ([{**ON, "applications": ["shop"], "clusters": ["eu"]}], True, False),
        ([{**ON, "applications": [], "namespaces": ["we*"]}], True, False),
        ([{**ON, "applications": ["web-*"], "namespaces": ["shop"], "andOperator": True}], False, False),
        ([{**ON, "applications": ["web-*"], "clusters": ["https://eu*"], "andOperator": True}], True, False),
        ([{**ON, "applications": []}], False, False),
        (["no window"], False, False),
    ],
)
def test_what_keeps_a_commit_out_is_what_argo_cd_says(windows: list[Any], denied: bool, manual: bool) -> None:
    found = denial({"spec": {"syncWindows": windows}}, _application(), NIGHT)
    assert (found is not None) is denied
    assert (found is not None and found.manual) is manual
