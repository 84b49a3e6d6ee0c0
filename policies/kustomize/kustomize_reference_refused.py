"""What a kustomization names is what kustomize takes there.

Something lies at the place, and kustomize still refuses it: a file outside of the kustomization's own directory
(`security; file is not in or below`, the load restrictor that Argo CD runs with), a directory without a
kustomization, a directory where a file is needed or the other way round, a Component under `resources`, a
Kustomization under `components` (`expected kind != 'Component'`), or a directory that contains the kustomization
itself (`cycle detected`). Sources: `api/internal/target/kusttarget.go`, `api/internal/loader/fileloader.go`.

A warning instead: a path or a link that leads out of the repository. It may exist on one machine, and in Argo CD's
checkout it does not.
Exempt: directories elsewhere in the repository, which may be named freely, and values files of Helm charts.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
WHY = {
    State.RESTRICTED: (
        "is a file outside of this directory, which kustomize does not read; name its directory, or move it here"
    ),
    State.OUTSIDE: "lies outside of the repository, where Argo CD finds nothing; bring it into the repository",
    State.NOT_A_FILE: "is a directory, and kustomize needs a file here; name the file in it",
    State.NOT_A_DIRECTORY: "is a file, and kustomize needs a directory here; name a directory with a kustomization",
    State.NOT_A_COMPONENT: "is no Component; write it under resources, or make its kind Component",
    State.COMPONENT: "is a Component, which kustomize refuses here; write it under components",
    State.NOT_A_KUSTOMIZATION: "is a directory without a kustomization.yaml; add one, or name the files in it",
    State.CYCLE: "is a directory that this kustomization lies in, so it would include itself; name something else",
}


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, state in kustomization.states.items():
        if state in WHY:
            severity = Severity.WARNING if state is State.OUTSIDE else None
            yield Violation(reference.route, f"{reference.field}: {reference.text!r} {WHY[state]}", severity=severity)


GOOD = ["kustomize-reference-good"]
BAD = ["kustomize-reference-refused"]
