"""Runs the program as ``python -m gitopsmith``."""

from gitopsmith.cli import run

run()
