"""Where what is loaded from files lies: inside the installed package, or beside ``src`` in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_content"
ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2]
POLICIES = ROOT / "policies"
PEERS = ROOT / "peers"
SCHEMAS = ROOT / "schemas"
GENERATOR = ROOT / "generator"
SANDBOX = ROOT / "sandbox"
