"""The rendered difference between two revisions of a repository: what a change really changes, without a cluster."""

from gitopsmith.diff.document import document
from gitopsmith.diff.markdown import MARKER, markdown
from gitopsmith.diff.running import Options, diff
from gitopsmith.diff.text import text
from gitopsmith.diff.values import Difference

__all__ = ["MARKER", "Difference", "Options", "diff", "document", "markdown", "text"]
