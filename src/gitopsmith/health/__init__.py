"""Custom health checks as Argo CD runs them: Lua 5.1 over one object, and the tests that lie beside them.

Argo CD takes the Lua from ``resource.customizations.health.<group>_<Kind>`` in argocd-cm. What it makes of it is read
from its 3.6.1: ``util/lua/lua.go``, ``pkg/health/health.go`` of the gitops-engine, gopher-json. The Lua itself is run
by lupa, in a process of its own, without libraries, with 64 MB and for one second of computing. Known to differ from
gopher-lua: numbers of more than 14 digits when they become text, functions that call themselves some 250 times, the
wording of errors, and ``load``, ``loadstring``, ``dofile``, ``module`` and ``package``, which are not offered.
"""

from __future__ import annotations

from gitopsmith.health.cases import Case, Problem
from gitopsmith.health.judging import problems
from gitopsmith.health.running import Run, Unavailable, evaluate, evaluate_all
from gitopsmith.health.suite import Suite, suites
from gitopsmith.health.verdict import STATUSES, Health

__all__ = [
    "STATUSES",
    "Case",
    "Health",
    "Problem",
    "Run",
    "Suite",
    "Unavailable",
    "evaluate",
    "evaluate_all",
    "problems",
    "suites",
]
