"""Lands a change on the branch that Argo CD follows, built on its newest commit, without the user's work tree."""

from gitopsmith.landing.marks import RESTORES, ROLLBACK_OF, mark, marks
from gitopsmith.landing.pushing import Landed, Protected, land, newest
from gitopsmith.landing.upstream import Upstream, upstream

__all__ = ["RESTORES", "ROLLBACK_OF", "Landed", "Protected", "Upstream", "land", "mark", "marks", "newest", "upstream"]
