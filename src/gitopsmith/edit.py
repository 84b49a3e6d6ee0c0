"""Edits YAML files in place, and leaves every byte that need not change."""
