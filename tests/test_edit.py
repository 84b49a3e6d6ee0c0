"""Edits change what they must, leave every other byte, and refuse what they cannot do safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitopsmith import documents, edit
from gitopsmith.edit.transplanting import transplant
from gitopsmith.finding import Failure, Route

QA = {"name": "qa", "protected": False, "paths": ["apps/*/qa"]}


def bodies(text: str) -> list[Any]:
    return [document.body for document in documents.read(text.encode("utf-8", "surrogateescape")).documents]


def is_inserted(before: str, after: str) -> bool:
    """Tells whether a text came to be by inserting alone, so that every character before is still there."""
    left = iter(after)
    return all(character in left for character in before)


@pytest.mark.parametrize(
    ("before", "route", "item", "after"),
    [
        pytest.param(
            "resources:\n  # ours\n  - a.yaml  # old\n\npatches: []\n",
            ("resources",),
            "b.yaml",
            "resources:\n  # ours\n  - a.yaml  # old\n  - b.yaml\n\npatches: []\n",
            id="indented",
        ),
        pytest.param(
            "resources:\n- a.yaml\n# end\nnamespace: x\n",
            ("resources",),
            "b.yaml",
            "resources:\n- a.yaml\n- b.yaml\n# end\nnamespace: x\n",
            id="not-indented",
        ),
        pytest.param("resources: [a, b] # c\n", ("resources",), "d", "resources: [a, b, d] # c\n", id="brackets"),
        pytest.param("resources: [a, b,]\n", ("resources",), "d", "resources: [a, b, d,]\n", id="trailing-comma"),
        pytest.param(
            "resources: [\n  a,\n  b # c\n]\n",
            ("resources",),
            "d",
            "resources: [\n  a,\n  b, # c\n  d\n]\n",
            id="brackets-over-lines",
        ),
        pytest.param(
            "resources: [\n  a,\n  b, # c\n]\n",
            ("resources",),
            "d",
            "resources: [\n  a,\n  b, # c\n  d,\n]\n",
            id="brackets-over-lines-trailing-comma",
        ),
        pytest.param(
            "resources: [\n  a,\n  b]\n", ("resources",), "d", "resources: [\n  a,\n  b,\n  d]\n", id="bracket-on-line"
        ),
        pytest.param("resources: []\n", ("resources",), "a", "resources:\n  - a\n", id="empty-brackets"),
        pytest.param("resources:  [] # none\n", ("resources",), "a", "resources: # none\n  - a\n", id="empty-comment"),
        pytest.param("resources:\nx: 1\n", ("resources",), "a", "resources:\n  - a\nx: 1\n", id="bare-key"),
        pytest.param("resources: ~\n", ("resources",), "a", "resources:\n  - a\n", id="null"),
        pytest.param("- []\n", (0,), "a", "- [a]\n", id="empty-in-list"),
        pytest.param("x: 1\n", ("resources",), "a", "x: 1\nresources:\n  - a\n", id="absent"),
        pytest.param("y:\n- 1\n", ("resources",), "a", "y:\n- 1\nresources:\n- a\n", id="absent-like-its-neighbour"),
        pytest.param("{}\n", ("resources",), "a", "{resources: [a]}\n", id="absent-empty-document"),
        pytest.param("{a: {}}\n", ("a", "b"), QA, "{a: {b: [{name: qa, protected: false, paths: [apps/*/qa]}]}}\n",
                     id="absent-braces"),
        pytest.param(
            "spec:\n  a: 1\n", ("spec", "x", "z"), "z", "spec:\n  a: 1\n  x:\n    z:\n      - z\n", id="absent-nested"
        ),
        pytest.param("a:\n  - x", ("a",), "z", "a:\n  - x\n  - z", id="no-newline-at-end"),
        pytest.param("a:\r\n  - x\r\nb: 1\r\n", ("a",), "z", "a:\r\n  - x\r\n  - z\r\nb: 1\r\n", id="crlf"),
        pytest.param("\ufeffa: [x]\n", ("a",), "z", "\ufeffa: [x, z]\n", id="byte-order-mark"),
        pytest.param("a:\n  - 'x'\n", ("a",), "y", "a:\n  - 'x'\n  - 'y'\n", id="quoted-neighbour"),
        pytest.param("a:\n  - x\n", ("a",), "on", 'a:\n  - x\n  - "on"\n', id="word-that-is-true-elsewhere"),
        pytest.param("a: [x]\n", ("a",), "b, c", 'a: [x, "b, c"]\n', id="comma-in-brackets"),
        pytest.param("a:\n  - x\n", ("a",), "b, c", "a:\n  - x\n  - b, c\n", id="comma-in-block"),
        pytest.param("a:\n  - x\n", ("a",), "b\nc\n", "a:\n  - x\n  - |\n    b\n    c\n", id="block-of-text"),
        pytest.param(
            "a:\n  - {name: dev}\n", ("a",), QA,
            "a:\n  - {name: dev}\n  - {name: qa, protected: false, paths: [apps/*/qa]}\n",
            id="map-in-braces-like-its-neighbour",
        ),
        pytest.param(
            "a:\n  - name: dev\n    paths: [x]\n", ("a",), QA,
            "a:\n  - name: dev\n    paths: [x]\n  - name: qa\n    protected: false\n    paths: [apps/*/qa]\n",
            id="list-in-brackets-like-its-neighbour",
        ),
        pytest.param(
            "a:\n- name: dev\n  paths:\n  - x\n", ("a",), QA,
            "a:\n- name: dev\n  paths:\n  - x\n- name: qa\n  protected: false\n  paths:\n  - apps/*/qa\n",
            id="map-not-indented",
        ),
        pytest.param(
            "a:\n  - |\n    x\n\n\n# c\nb: 1\n", ("a",), "z", "a:\n  - |\n    x\n  - z\n\n\n# c\nb: 1\n",
            id="behind-a-block-of-text",
        ),
        pytest.param(
            "a:\n  - |+\n    x\n\nb: 1\n", ("a",), "z", "a:\n  - |+\n    x\n\n  - z\nb: 1\n",
            id="behind-a-block-that-keeps-blank-lines",
        ),
        pytest.param("a: &x [1]\nb: 2\n", ("a",), 3, "a: &x [1, 3]\nb: 2\n", id="anchor-without-alias"),
        pytest.param("- - a\n  - b\n", (0,), "c", "- - a\n  - b\n  - c\n", id="list-in-list"),
    ],
)  # fmt: skip
def test_append_adds_lines_and_touches_nothing_else(before: str, route: Route, item: Any, after: str) -> None:
    """What stands around a list stays, whatever it looks like; a second time changes nothing."""
    assert edit.append(before, route, item) == after
    assert edit.append(after, route, item) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        pytest.param(
            "e:\n  # d\n  - d\n\n  # p\n  - p\n", 0, "e:\n  - q\n  # d\n  - d\n\n  # p\n  - p\n", id="before-the-first"
        ),
        pytest.param(
            "e:\n  # d\n  - d\n\n  # p\n  - p\n", 1, "e:\n  # d\n  - d\n  - q\n\n  # p\n  - p\n", id="before-a-comment"
        ),
        pytest.param("e:\n  - d\n  - p\n", 2, "e:\n  - d\n  - p\n  - q\n", id="behind-the-last"),
        pytest.param("e: [d, p]\n", 0, "e: [q, d, p]\n", id="brackets-first"),
        pytest.param("e: [d, p]\n", 1, "e: [d, q, p]\n", id="brackets-middle"),
        pytest.param("e: [\n  d,\n  p\n]\n", 0, "e: [\n  q,\n  d,\n  p\n]\n", id="brackets-over-lines"),
    ],
)
def test_insert_puts_an_item_at_its_place(before: str, index: int, after: str) -> None:
    """Comments above an item stay above it."""
    assert edit.insert(before, ("e",), "q", index) == after


@pytest.mark.parametrize(
    ("before", "route", "value", "after"),
    [
        pytest.param("a: 1.0  # one\n", ("a",), "2.0", 'a: "2.0"  # one\n', id="number-becomes-text"),
        pytest.param("a: 'x' # c\n", ("a",), "y", "a: 'y' # c\n", id="single-quotes"),
        pytest.param('a: "x"\n', ("a",), "y", 'a: "y"\n', id="double-quotes"),
        pytest.param("a: x\n", ("a",), "y: z", 'a: "y: z"\n', id="needs-quotes"),
        pytest.param("a: true\n", ("a",), False, "a: false\n", id="boolean"),
        pytest.param("a: # c\n", ("a",), "x", "a: x # c\n", id="bare-key"),
        pytest.param("a: |\n  x\n  y\nb: 1\n", ("a",), "z", "a: z\nb: 1\n", id="block-of-text"),
        pytest.param("a: {b: 1, c: 2}\n", ("a", "b"), "x, y", 'a: {b: "x, y", c: 2}\n', id="braces"),
        pytest.param("i:\n  - {n: x, t: 1.0}\n", ("i", 0, "t"), "v2", "i:\n  - {n: x, t: v2}\n", id="item"),
        pytest.param("a:\n  b: 1\nc: 2\n", ("a", "d"), "x", "a:\n  b: 1\n  d: x\nc: 2\n", id="new-key"),
        pytest.param("a: {b: 1}\n", ("a", "d"), {"e": "f"}, "a: {b: 1, d: {e: f}}\n", id="new-key-in-braces"),
        pytest.param("a:\nc: 2\n", ("a", "d"), "x", "a:\n  d: x\nc: 2\n", id="new-key-below-a-bare-one"),
        pytest.param("a:\n  <<: {b: 1}\n", ("a", "d"), "x", "a:\n  <<: {b: 1}\n  d: x\n", id="new-key-behind-a-merge"),
        pytest.param("a: &x {b: 1}\nc: *x\nd: 1\n", ("d",), 2, "a: &x {b: 1}\nc: *x\nd: 2\n", id="beside-an-alias"),
        pytest.param("a: 1\n", ("x: y", "on"), "z", 'a: 1\n"x: y":\n  "on": z\n', id="keys-that-need-quotes"),
    ],
)
def test_put_sets_one_value(before: str, route: Route, value: Any, after: str) -> None:
    """A value takes the place of another and keeps its quotes, or becomes a new key."""
    assert edit.put(before, route, value) == after
    assert edit.put(after, route, value) == after


@pytest.mark.parametrize(
    ("before", "route", "after"),
    [
        ("a: 1\nb: 2 # two\nc: 3\n", ("b",), "a: 1\nc: 3\n"),
        ("a: 1\r\n# of b\r\nb:\r\n  - 2\r\n  - 3\r\n", ("b",), "a: 1\r\n# of b\r\n"),
        ("- a: 1\n  b: 2\n- c: 3\n", (0, "a"), "- b: 2\n- c: 3\n"),
        ("l:\n  - a: 1\n    b: 2\n\n  # of c\n  - c: 3", ("l", 0), "l:\n\n  # of c\n  - c: 3"),
        ("l:\n- a: 1\n- c: 3", ("l", 1), "l:\n- a: 1\n"),
        ("a: {i: 1, k: [2], m: 3}\n", ("a", "k"), "a: {i: 1, m: 3}\n"),
        ("a: {i: 1, k: [2], m: 3}\n", ("a", "i"), "a: {k: [2], m: 3}\n"),
        ('{\n  "l": [\n    {"a": 1},\n    {"b": 2}\n  ]\n}\n', ("l", 1), '{\n  "l": [\n    {"a": 1}\n  ]\n}\n'),
        ("a: 1\n", ("b",), "a: 1\n"),
    ],
)
def test_remove_takes_one_thing_away(before: str, route: Route, after: str) -> None:
    assert edit.remove(before, route) == after


@pytest.mark.parametrize(
    ("text", "route", "said"),
    [
        ("a: 1\n", ("a",), "f:1: nothing else is here"),
        ("- a: 1\n  # of b\n  b: 2\n", (0, "a"), "f:1: this shares its line"),
        ("a: &x\n  b: 1\n  c: 2\nd: *x\n", ("d", "b"), "f:2: nothing else is here"),
    ],
)
def test_what_cannot_be_removed_is_refused(text: str, route: Route, said: str) -> None:
    with pytest.raises(Failure, match=said):
        edit.remove(text, route, path="f")


def test_the_document_is_chosen() -> None:
    """Of a stream, one document changes."""
    text = "---\na: [1]\n--- # two\n# nothing\n---\na: [1]\n...\n"
    assert edit.append(text, ("a",), 2, document=1) == "---\na: [1]\n--- # two\n# nothing\n---\na: [1, 2]\n...\n"


def test_a_document_is_appended_as_written() -> None:
    """Comments in the addition stay; an equal document is not added twice."""
    addition = "# mine\nkind: B\n"
    once = edit.append_document("kind: A", addition)
    assert once == "kind: A\n---\n# mine\nkind: B\n"
    assert edit.append_document(once, addition) == once
    assert edit.append_document("", addition) == addition
    assert edit.append_document("kind: A\r\n", addition) == "kind: A\r\n---\r\n# mine\r\nkind: B\r\n"


@pytest.mark.parametrize(
    ("text", "route", "said"),
    [
        pytest.param("z: 1\na: &x [1]\nb: *x\n", ("a",), "f.yaml:2: there is no safe way", id="anchor-in-use"),
        pytest.param("a: &x [1]\nb: *x\n", ("b",), "f.yaml:2: the list stands elsewhere", id="alias"),
        pytest.param("a:\n  b: 1\n", ("a",), "f.yaml:1: this is no list", id="map"),
        pytest.param("a: x\n", ("a", "b"), "f.yaml:1: 'b' is not here, and cannot be added", id="below-text"),
        pytest.param("a: [x]\n", ("a", 3, "b"), "f.yaml:1: 3 is not here", id="missing-item"),
        pytest.param("a: [\n", ("a",), "f.yaml:2: did not find expected node content", id="broken"),
        pytest.param("# nothing\n", ("a",), "f.yaml: there is no document 1", id="no-document"),
        pytest.param('{"b": "\\/", "a": []}', ("a",), "f.yaml: this is JSON", id="json-that-is-no-yaml"),
    ],
)
def test_what_cannot_be_edited_is_refused_by_file_and_line(text: str, route: Route, said: str) -> None:
    """A message says where, and that a person has to do it."""
    with pytest.raises(Failure, match=said):
        edit.append(text, route, "new", path="f.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: &x 1\nb: *x\n", 2, id="anchor"),
        pytest.param("a: [1]\n", "x", id="list-becomes-text"),
        pytest.param("a: [1]\n", {"b": 1}, id="list-becomes-map"),
        pytest.param("a: text\n", [1], id="text-becomes-list"),
    ],
)
def test_put_loses_no_list_and_no_anchor(text: str, value: Any) -> None:
    """What somebody wrote is not overwritten by another kind of thing."""
    with pytest.raises(Failure, match=r"f\.yaml:1: .*; make this change by hand"):
        edit.put(text, ("a",), value, path="f.yaml")


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["on", "0x1f", "1_0", "~", "a: b", "- x", "# c", "x #y", "{{ a }}", "*x", "&x", "!t", "?", "a?b", "'"]
    ),
    st.from_regex(r"[a-z/.:@-]{1,20}", fullmatch=True),
).filter(lambda word: word.isprintable() or "\n" in word)
VALUES = st.recursive(
    st.one_of(WORDS, st.booleans(), st.integers(-(10**9), 10**9), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "indent": st.sampled_from([2, 4]),
        "width": st.sampled_from([20, 200]),
        "default_style": st.sampled_from([None, '"', "'"]),
    }
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(VALUES, min_size=1, max_size=3), VALUES, STYLES, st.sampled_from(["\n", "\r\n"]), st.integers(0, 3))
def test_any_value_is_inserted_into_any_list(
    items: list[Any], item: Any, style: dict[str, Any], line_end: str, index: int
) -> None:
    """Whatever the style: the list holds the item, everything else is as before, every character is still there."""
    text = yaml.safe_dump({"a": {"list": items}, "z": "end"}, allow_unicode=True, sort_keys=False, **style)
    text = text.replace("\n", line_end)
    before = bodies(text)
    if documents.read(text.encode()).problems:  # PyYAML leaves words bare that Kubernetes takes for two equal keys
        return
    index = min(index, len(items))
    after = edit.insert(text, ("a", "list"), item, index)
    assert is_inserted(text, after)
    expected = before[0]["a"]["list"]
    if after != text:
        expected = [*expected[:index], bodies(after)[0]["a"]["list"][index], *expected[index:]]
    assert bodies(after) == [{"a": {"list": expected}, "z": "end"}]
    assert edit.insert(after, ("a", "list"), item, index) == after


def _routes(body: Any, route: Route = ()) -> list[tuple[Route, Any]]:
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [(route, body), *(found for step, value in steps for found in _routes(value, (*route, step)))]


def _real_files(corpora: Path) -> list[Path]:
    """Every kustomization, and every file with an Application: one in nine, for the sake of time."""
    files = sorted(path for path in corpora.glob("*/**/*.yaml") if path.is_file() and path.stat().st_size < 30_000)
    kind = b"kind: Application\n"
    return [path for path in files if path.name == "kustomization.yaml" or kind in path.read_bytes()][::9]


@pytest.mark.slow
def test_real_files_take_every_kind_of_edit(corpora: Path) -> None:
    """In kustomizations and Applications that people wrote, lists take items, maps take keys, scalars change."""
    done = 0
    for path in _real_files(corpora):
        raw = path.read_bytes()
        found = documents.read(raw)
        if found.problems or not found.documents:
            continue
        text = raw.decode()
        for route, value in _routes(found.documents[0].body)[:40]:
            done += 1
            changed: Any = "new value"
            if isinstance(value, list):
                at = done % (len(value) + 1)
                after, changed = edit.insert(text, route, "new.yaml", at), [*value[:at], "new.yaml", *value[at:]]
            elif isinstance(value, dict):
                after, changed = edit.put(text, (*route, "new"), ["x"]), {**value, "new": ["x"]}
            else:
                after = edit.put(text, route, changed)
            assert dict(_routes(bodies(after)[0]))[route] == changed, (path, route)
            if value and isinstance(value, dict | list):
                assert is_inserted(text, after), (path, route)
    assert done > 5000


@pytest.mark.parametrize(
    ("text", "other", "after"),
    [
        ("a: 1\nimages: # said\n  - {name: x}\nb: 2\n", "images:\n- name: y\n", "a: 1\nimages:\n- name: y\nb: 2\n"),
        ("a: 1", "images: [z]\n", "a: 1\nimages: [z]\n"),
        ("images: [z]\na: 1\n", "b: 1\n", "a: 1\n"),
        ("a: 1\r\nimages: [z]\r\n", "images: [y]\r\n", "a: 1\r\nimages: [y]\r\n"),
    ],
)
def test_field_is_as_another_text_has_it(text: str, other: str, after: str) -> None:
    assert transplant(text, "images", other) == after


@pytest.mark.parametrize("text", ["{a: 1, images: [z]}\n", "- a\n", "a: 1\n---\nb: 2\n", "a: [\n"])
def test_field_that_stands_on_no_line_of_its_own_is_left_to_people(text: str) -> None:
    with pytest.raises(Failure, match=r"k\.yaml.*by hand"):
        transplant(text, "images", "images: [y]\n", path="k.yaml")
