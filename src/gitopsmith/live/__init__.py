"""What runs, as Argo CD tells it, and waiting until it is what a commit says."""

from gitopsmith.live.access import NAMESPACE, Access, Found, find
from gitopsmith.live.advising import advice
from gitopsmith.live.reading import Deployed, Operation, Seen, read
from gitopsmith.live.waiting import Waited, wait

__all__ = [
    "NAMESPACE",
    "Access",
    "Deployed",
    "Found",
    "Operation",
    "Seen",
    "Waited",
    "advice",
    "find",
    "read",
    "wait",
]
