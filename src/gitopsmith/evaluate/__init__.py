"""Policies over values: every violation becomes a finding at the place where a person mends it."""

from __future__ import annotations

from gitopsmith.evaluate.applications import judge_application, judge_application_set, judge_repository
from gitopsmith.evaluate.builds import judge_build, judge_files, read_build
from gitopsmith.evaluate.depending import files_of, inputs
from gitopsmith.evaluate.files import file_findings, judge_kustomization, judge_layer
from gitopsmith.evaluate.judge import OPINIONS, Judge
from gitopsmith.evaluate.merging import merge
from gitopsmith.evaluate.placing import place_in_source

__all__ = [
    "OPINIONS",
    "Judge",
    "file_findings",
    "files_of",
    "inputs",
    "judge_application",
    "judge_application_set",
    "judge_build",
    "judge_files",
    "judge_kustomization",
    "judge_layer",
    "judge_repository",
    "merge",
    "place_in_source",
    "read_build",
]
