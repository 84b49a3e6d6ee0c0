"""What minors of Argo CD know: the table, and how it is asked."""

from __future__ import annotations

import pytest

from gitopsmith import argocd, config
from gitopsmith.answers import values
from gitopsmith.argocd import versions


@pytest.mark.parametrize(
    ("kind", "name", "version", "first"),
    [
        ("Application", "spec.syncPolicy.retry.refresh", "3.1.9", "3.2"),
        ("Application", "spec.syncPolicy.retry.refresh", "3.2.0", ""),
        ("Application", "spec.syncPolicy.automated.enabled", "v3.0.1", "3.1"),
        ("AppProject", "spec.clusterResourceWhitelist.name", "3.2", "3.3"),
        ("hook", "PreDelete", "3.2.5", "3.3"),
        ("rbac-action", "rollback", "3.5.7", "3.6"),
        ("argocd-cmd-params-cm", "controller.metrics.application.labels", "3.5.7", "3.6"),
        ("sync-option", "ServerSideApply", "2.14.0", ""),
        ("sync-option", "NoSuchOption", "2.14.0", ""),
    ],
)
def test_what_came_with_a_later_minor(kind: str, name: str, version: str, first: str) -> None:
    assert versions.too_new(kind, name, version) == first


def test_what_is_gone() -> None:
    assert versions.gone("metric", "argocd_app_sync_status", "3.6.1") == "2.14"
    assert versions.gone("metric", "argocd_app_sync_status", "2.14.3") == ""
    assert versions.gone("metric", "argocd_app_info", "3.6.1") == ""


def test_the_table_knows_every_option_and_hook_and_the_default_version() -> None:
    assert set(versions.known("sync-option")) == set(argocd.SYNC_OPTIONS)
    assert set(versions.known("hook")) == set(argocd.HOOKS)
    assert versions.number(config.ARGOCD) == versions.number(versions.minors()[-1])


def test_health_checks_of_whole_families_of_groups() -> None:
    assert versions.has_health_check("Certificate.cert-manager.io", "3.0.0")
    assert versions.has_health_check("Bucket.s3.services.k8s.aws", "3.6.0")
    assert not versions.has_health_check("Bucket.s3.services.k8s.aws", "3.5.0")
    assert not versions.has_health_check("Widget.example.com", "3.6.0")


def test_new_takes_the_minors_that_still_get_fixes() -> None:
    assert ".".join(map(str, values.OLDEST[:2])) == versions.minors()[-versions.SUPPORTED]
