"""Argo CD renders what is in a repository, and runs nothing of it.

`kustomize.buildOptions` of argocd-cm is for all kustomizations of all repositories. `--enable-exec` and
`--enable-alpha-plugins` run programs that a commit names, with the rights of Argo CD's repo-server, which holds the
credentials of every repository; `--load-restrictor LoadRestrictionsNone` lets a kustomization read files outside of its
own folder, so that a base can take what was not meant for it (`docs/user-guide/kustomize.md` of Argo CD).

Exempt: `--enable-helm`, which only runs helm. Plugins in a container of their own need none of these options.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"ConfigMap"})
UNSAFE = {
    "--enable-exec": "runs programs that a commit names",
    "--enable-alpha-plugins": "runs programs that a commit names",
    "LoadRestrictionsNone": "lets a kustomization read files outside of its folder",
}


def check_resource(resource: Resource) -> Iterator[Violation]:
    data = resource.get("data") if resource.name == "argocd-cm" else None
    for key, value in data.items() if isinstance(data, dict) else ():
        if str(key).startswith("kustomize.buildOptions"):
            for word, harm in UNSAFE.items():
                if word in str(value):
                    yield Violation(
                        ("data", key), f"build option {word} {harm}, in every repository of this Argo CD; remove it"
                    )
                    break


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\ndata:\n"
GOOD = [HEAD + "  kustomize.buildOptions: --enable-helm\n"]
BAD = [
    HEAD + "  kustomize.buildOptions: --enable-alpha-plugins --enable-exec  # <- here\n",
    HEAD + "  kustomize.buildOptions.v5.8.3: --load-restrictor LoadRestrictionsNone  # <- here\n",
]
