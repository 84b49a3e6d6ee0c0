"""A manifest beside a kustomization is listed in it.

A directory with a kustomization is read through it alone: a file that it does not list is applied by nobody, however
right it is, and a change to it changes nothing. Most are forgotten in the same commit that adds them.

Looked at are files that hold nothing but Kubernetes objects, in a directory whose kustomization lists other files of
it.
Exempt: files that any kustomization or Application of the repository reads; those whose name stands in another file of
the directory, such as in a comment that leaves them out; Secrets, which are applied by hand; kustomizations
that are filled in first.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.WARNING
STAGE = "unreferenced"

GOOD = ["files-referenced"]
BAD = ["file-unreferenced"]
