"""What runs where, by the cluster beside git: revisions, health, images, last deployments, and what is not in order."""

from gitopsmith.status.changing import changes
from gitopsmith.status.document import document
from gitopsmith.status.looking import Looker, Options
from gitopsmith.status.model import Counts, Deployment, Problem, Row, Status
from gitopsmith.status.text import text

__all__ = [
    "Counts",
    "Deployment",
    "Looker",
    "Options",
    "Problem",
    "Row",
    "Status",
    "changes",
    "document",
    "text",
]
