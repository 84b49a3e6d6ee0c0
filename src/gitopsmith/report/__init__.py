"""Writes down what a run has to say, once for each kind of reader."""

from __future__ import annotations

from collections.abc import Callable

from gitopsmith.finding import Report
from gitopsmith.report import github, gitlab, json, sarif, text
from gitopsmith.report.options import Options
from gitopsmith.report.prepare import prepare

__all__ = ["FORMATS", "Options"]

Writer = Callable[[Report, Options], str]


def _safe(write: Writer) -> Writer:
    """Makes a writer see prepared reports alone, so that no format can show a secret or stumble over a path."""
    return lambda report, options: write(prepare(report), options)


FORMATS: dict[str, Writer] = {
    "text": _safe(text.render),
    "json": _safe(json.render),
    "sarif": _safe(sarif.render),
    "code-scanning": _safe(sarif.render_open),
    "github": _safe(github.render),
    "gitlab": _safe(gitlab.render),
}
"""Every format by the name that ``--format`` takes; each writer returns the whole text, ending in a newline."""
