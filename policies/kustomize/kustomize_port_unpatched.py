"""A patch of a port names the protocol as the base does.

kustomize merges ports by number and protocol together, and takes two for the same one only where both name the
protocol, or neither does. Where one side alone writes `protocol: TCP`, the patch is dropped without a word
(`kyaml/yaml/walk/associative_sequence.go`, and measured with kustomize 5.8.3): the new `targetPort` or `hostPort`
never gets there. That TCP is what the API server fills in makes no difference.

Ports are compared with those in the files that come into the kustomization; into a Component, with those of all that
use it.
Exempt: patches that say nothing else than the base; patches with a target, and those in JSON 6902; objects that have
another name in the patch than in their file; kinds that are not Kubernetes' own, whose lists are replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Layer
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING


def check_layer(layer: Layer) -> Iterator[Violation]:
    there = defaultdict(list)
    for each in layer.ports:
        there[each.place].append(each)
    for route, port in layer.patched:
        if port.is_lost_on(there[port.place]):
            of = f"{port.kind} {port.name!r}" + (f", container {port.container!r}" if port.container else "")
            named = sorted(each.protocol for each in there[port.place] if each.protocol)
            meant = (
                f"write protocol: {named[0]}, as the base does" if named else "the base names none, so name none here"
            )
            yield Violation(route, f"kustomize drops the patch of port {port.number} of {of}; {meant}")


GOOD = ["kustomize-port-patched"]
BAD = ["kustomize-port-unpatched"]
