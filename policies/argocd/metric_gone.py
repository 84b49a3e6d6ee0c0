"""Alerts and dashboards ask Argo CD for metrics that it has.

A metric that is gone gives no series: the alert never fires again, and the panel is empty, which looks as if all were
well. Argo CD 3.0 has no `argocd_app_sync_status`, `argocd_app_health_status` and `argocd_app_created_time` any more;
what they told are labels of `argocd_app_info` (`docs/operator-manual/upgrading/2.14-3.0.md` of Argo CD). Looked at are
the expressions of PrometheusRules, and ConfigMaps and GrafanaDashboards with a dashboard in JSON.

Exempt: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, scalars
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({
    "PrometheusRule.monitoring.coreos.com", "PrometheusRule.monitoring.rhobs", "ConfigMap",
    "GrafanaDashboard.grafana.integreatly.org", "GrafanaDashboard.integreatly.org",
})  # fmt: skip
METRIC = re.compile(r"\bargocd_[a-z0-9_]+\b")


def check_resource(resource: Resource) -> Iterator[Violation]:
    is_config = resource.group_kind == "ConfigMap"
    for route, value in scalars(resource.body.get("data" if is_config else "spec")):
        if not isinstance(value, str) or "argocd_" not in value or (is_config and '"expr"' not in value):
            continue
        named = dict.fromkeys(METRIC.findall(value))
        gone = {name: last for name in named if (last := versions.gone("metric", name, versions.minors()[-1]))}
        if gone:
            first, last = next(iter(gone.items()))
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            message = f"Argo CD has no metric {first!r}{more} after {last}; read the label of argocd_app_info"
            yield Violation(("data" if is_config else "spec", *route), message)


RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: argocd
spec:
  groups:
    - name: argocd
      rules:
        - alert: OutOfSync
          expr: """
GOOD = [RULE + 'argocd_app_info{sync_status="OutOfSync"} > 0\n']
BAD = [RULE + 'argocd_app_sync_status{sync_status="OutOfSync"} > 0  # <- here\n']
