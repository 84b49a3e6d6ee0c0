"""A template of an ApplicationSet fails where a parameter is missing.

Go templates write `<no value>` for a parameter that no generator gives, so a misspelt one, or a label that one cluster
lacks, generates an Application with that in its name, path or destination. With `goTemplateOptions:
["missingkey=error"]` nothing is generated, and the set says why
(https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/).

Exempt: sets without `goTemplate: true`, which leave what is missing as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
OPTION = "missingkey=error"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for one in repository.application_sets:
        if one.get("spec", "goTemplate") is True and OPTION not in sequence(one.body, "spec", "goTemplateOptions"):
            message = f"a parameter that is missing becomes '<no value>'; write goTemplateOptions: [{OPTION}]"
            yield Violation(("spec", "goTemplate"), message, one)


GOOD = ["application-set-missing-key-told", "application-good"]
BAD = ["application-set-missing-key"]
