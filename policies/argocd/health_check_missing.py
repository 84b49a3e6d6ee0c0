"""What a sync waits for can be known to be healthy.

Argo CD goes on to the next wave, and to a hook after the sync, when everything before is healthy. Of a kind without a
health check it knows nothing, and takes it for healthy as soon as it is applied: a database that is not up yet, a
certificate that nobody issued. Argo CD 3.6 has checks in Lua for about 300 kinds, each minor its own
(`schemas/argocd/versions.tsv`, read in `resource_customizations`); others come from argocd-cm,
`resource.customizations.health.<group>_<kind>`. Said once for a kind, where something comes after it.

Exempt: repositories that do not say what is in argocd-cm; kinds in the last step of their Application, which nothing
waits for; hooks; kinds of Kubernetes and of Argo CD; kinds whose objects only configure what is there, such as a
ServiceMonitor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from gitopsmith.application import Deployed, ObjectFact, Repository
from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PREFIX = "resource.customizations.health."
ORDER = {"PreSync": -1, "Sync": 0, "PostSync": 1}
PLATFORM = re.compile(r"[^.]*|(.*\.)?k8s\.io|argoproj\.io|(.*\.)?openshift\.io")
CONFIGURES = re.compile(
    r"(Service|Pod)Monitor|Probe|PrometheusRule|ScrapeConfig|.*(Policy|PolicyException|Rule|Config|Class|Route|RouteTCP|"
    r"Middleware|Filter|Template|Dashboard|Profile|Binding|Set|Exception|Options?|Store|Issuer|Export|Import)"
)


def check_repository(repository: Repository) -> Iterator[Violation]:
    settings = repository.settings
    said: set[str] = set()
    for each in repository.deployed if settings is not None else ():
        for fact in _waited_for(each) if not each.application.disabled else ():
            kind = fact.resource.group_kind
            if kind not in said and not _has_check(kind, settings or {}, repository.config.argocd):
                said.add(kind)
                key = f"{PREFIX}{fact.resource.group}_{fact.kind}"
                message = (
                    f"Argo CD has no health check for {kind}, so what comes after {fact.name!r} does not wait for it; "
                    f"add {key} to argocd-cm"
                )
                yield Violation(("kind",), message, fact)


def _waited_for(deployed: Deployed) -> Iterator[ObjectFact]:
    """Yields the custom resources after which their Application has something left to do."""
    steps = [(fact, (ORDER[fact.step[0]], fact.step[1])) for fact in deployed.objects if fact.step[0] in ORDER]
    last = max((step for _, step in steps), default=(0, 0))
    for fact, step in steps:
        configures = PLATFORM.fullmatch(fact.resource.group) or CONFIGURES.fullmatch(fact.kind)
        if step < last and not fact.hook and not configures:
            yield fact


def _has_check(kind: str, settings: dict[str, Any], version: str) -> bool:
    name, _, group = kind.partition(".")
    own = (key.removeprefix(PREFIX) for key in settings if str(key).startswith(PREFIX))
    named = any(fnmatchcase(f"{group}_{name}", pattern) for pattern in own)
    whole = str(settings.get("resource.customizations", ""))
    return named or f"{group}/{name}" in whole or "*/*" in whole or versions.has_health_check(kind, version)


GOOD = ["health-check-there", "application-good"]
BAD = ["health-check-missing"]
