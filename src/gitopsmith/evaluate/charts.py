"""Where the objects of a chart come from, as far as the one who asks for it decides."""

from __future__ import annotations

from dataclasses import replace

from gitopsmith import positions
from gitopsmith.evaluate.judge import Judge
from gitopsmith.finding import Location
from gitopsmith.graph import Build
from gitopsmith.manifest import Charted
from gitopsmith.render import Failed, Rendered
from gitopsmith.render.helm import Roots, values_files
from gitopsmith.tree import Tree


def stamp(judge: Judge, build: Build, rendered: tuple[Rendered, ...]) -> tuple[Rendered, ...]:
    """Tells each object of a chart where the chart is asked for."""
    if build.asked is None:
        return rendered
    app, source = build.asked
    resource, route = app.written(source.route)
    place = positions.place(judge.tree, app.entry or "", resource, route).location
    charted = _charted(judge.tree, build, place)
    asked = charted._replace(body=source.body, resource=resource, route=route, entry=app.entry or "")
    return tuple(Rendered(item.text, replace(item.origin, asked=asked)) for item in rendered)


def _charted(tree: Tree, build: Build, place: Location) -> Charted:
    """Returns where the values of a chart come from, of one in the work tree; of others, only who asks for it."""
    release = build.release
    if release is None or build.chart is not None or build.commit:
        return Charted(place)
    found = values_files(release, Roots(tree.root / build.entry, tree.root, tree.root))
    files = () if isinstance(found, Failed) else tuple(path.relative_to(tree.root).as_posix() for path in found)
    parameters = (*release.parameters, *release.strings, *release.files)
    return Charted(place, build.entry, files, release.values, tuple(name for name, _ in parameters))
