"""Parses and validates rendered files as the pipeline does: the work that kubeconform is measured against.

python bench/validate_files.py FOLDER 1.34           prints how many objects there are, unknown and invalid ones
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from gitopsmith import documents
from gitopsmith.manifest import Origin
from gitopsmith.render import Bodies, Rendered, resources
from gitopsmith.validate import SchemaProblem, Schemas


def validate(paths: list[Path], schemas: Schemas) -> tuple[int, int, int]:
    """Counts objects, those without a schema, and invalid ones; equal texts are judged once."""
    bodies, checked = Bodies(), dict[bytes, list[SchemaProblem]]()
    objects = unknown = invalid = 0
    for path in paths:
        pieces = documents.split(path.read_text(encoding="utf-8", errors="surrogateescape"))
        rendered = tuple(Rendered(piece.removeprefix("---\n"), Origin()) for piece in pieces)
        for digest, resource in resources(rendered, bodies):
            if digest not in checked:
                checked[digest] = schemas.check(resource.body)
            objects += 1
            unknown += not schemas.knows(resource.api_version, resource.kind)
            invalid += bool(checked[digest])
    return objects, unknown, invalid


if __name__ == "__main__":
    gc.disable()
    found = validate(sorted(Path(sys.argv[1]).glob("*.yaml")), Schemas(sys.argv[2]))
    print("{} objects, {} without a schema, {} invalid".format(*found))
