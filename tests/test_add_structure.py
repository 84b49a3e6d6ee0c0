"""What a generated file gains, put into the file as its owner has it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsmith import documents
from gitopsmith.finding import Failure
from gitopsmith.generate.add import structure


@pytest.mark.parametrize(
    ("mine", "old", "new", "merged"),
    [
        pytest.param("a: 1 # mine\nc: 3\n", "a: 1\n", "a: 2\n", "a: 2 # mine\nc: 3\n", id="changed-scalar"),
        pytest.param("a: 2 # mine\n", "a: 1\n", "a: 2\n", "a: 2 # mine\n", id="changed-already"),
        pytest.param("a: 1\nz: 1\n", "a: 1\n", "a: 1\nb: {c: d}\n", "a: 1\nz: 1\nb:\n  c: d\n", id="new-key"),
        pytest.param("a: 1\nb: {c: d}\n", "a: 1\n", "a: 1\nb: {c: d}\n", "a: 1\nb: {c: d}\n", id="key-already"),
        pytest.param(
            "a: 1\nb: {e: f}\n", "a: 1\n", "a: 1\nb: {c: d}\n", "a: 1\nb: {e: f, c: d}\n", id="key-of-a-map-of-mine"
        ),
        pytest.param("a: 1\nb: [x]\n", "a: 1\n", "a: 1\nb: [z]\n", "a: 1\nb: [x, z]\n", id="list-of-mine"),
        pytest.param("b: []\n", "a: [x]\nb: []\n", "a: [x, z]\nb: []\n", "b: []\na:\n  - z\n", id="list-that-went"),
        pytest.param("a: 1\n", "a: 1\nb: 2\n", "a: 1\n", "a: 1\n", id="gone-on-both-sides"),
        pytest.param(
            "l:\n- name: b\n- {name: a, at: [1]}\n",
            "l:\n- {name: a, at: [1]}\n",
            "l:\n- {name: a, at: [1, 2]}\n",
            "l:\n- name: b\n- {name: a, at: [1, 2]}\n",
            id="item-that-grows",
        ),
        pytest.param(
            "# mine\nkind: A\n", "kind: A\n", "kind: A\n---\n# why\nkind: B\n",
            "# mine\nkind: A\n---\n# why\nkind: B\n", id="new-document",
        ),
        pytest.param("kind: A\n---\nkind: B # mine\n", "kind: A\n", "kind: A\n---\nkind: B\n",
                     "kind: A\n---\nkind: B # mine\n", id="document-already"),
    ],
)  # fmt: skip
def test_a_gain_is_put_where_its_owner_has_the_like(mine: str, old: str, new: str, merged: str) -> None:
    assert structure.merged(mine, old, new, "f.yaml") == merged
    assert structure.merged(merged, old, new, "f.yaml") == merged


@pytest.mark.parametrize(
    ("mine", "old", "new", "said"),
    [
        pytest.param("a: 3\n", "a: 1\n", "a: 2\n", "f.yaml:1: a is 3 here, and has to change from 1 to 2", id="scalar"),
        pytest.param("a: 1\nb: 3\n", "a: 1\n", "a: 1\nb: 2\n", "f.yaml:2: b is here already", id="key"),
        pytest.param("a: 1\nb: 2\n", "a: 1\nb: 2\n", "a: 1\n", "f.yaml:2: b has to go", id="key-that-goes"),
        pytest.param("l: [a, b]\n", "l: [a, b]\n", "l: [a]\n", "f.yaml:1: l has 'b', which has to go", id="item-gone"),
        pytest.param(
            "l: [{name: b}]\n", "l: [{name: a}]\n", "l: [{name: a, at: 1}]\n",
            "f.yaml:1: l has no .* any more, which has to change", id="item-that-went",
        ),
        pytest.param(
            "l:\n- name: a\n  at: 2\n", "l: []\n", "l: [{name: a, at: 1}]\n",
            r"f.yaml:2: l\[name=a\] is here already, and differs", id="item-of-the-same-name",
        ),
        pytest.param(
            "kind: A\n---\nkind: B\nb: 2\n", "kind: A\n", "kind: A\n---\nkind: B\nb: 1\n",
            "f.yaml:3: B is here already, and differs", id="document",
        ),
    ],
)  # fmt: skip
def test_a_gain_that_its_owner_has_otherwise_is_refused(mine: str, old: str, new: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        structure.merged(mine, old, new, "f.yaml")


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "indent": st.sampled_from([2, 4]),
        "default_style": st.sampled_from([None, '"', "'"]),
    }
)


@settings(max_examples=200)
@given(NAMES, NAMES, st.lists(st.sampled_from("ijkl"), unique=True, min_size=1), STYLES, st.booleans(), st.data())
def test_whatever_became_of_a_list_it_gains_what_is_new(
    old: list[str], mine: list[str], new: list[str], style: dict[str, Any], keyed: bool, data: st.DataObject
) -> None:
    """Items of its owner stay in their order; each new one is there once; a second time nothing changes."""
    wanted = [*old]
    for name in new:
        wanted.insert(data.draw(st.integers(0, len(wanted))), name)
    text, before, after = (_listing(names, keyed, style) for names in (mine, old, wanted))
    merged = structure.merged(text, before, after, "f.yaml")
    found = [item["name"] if keyed else item for item in documents.load(merged)["items"]]
    assert [name for name in found if name not in new] == mine
    assert sorted(name for name in found if name in new) == sorted(new)
    assert structure.merged(merged, before, after, "f.yaml") == merged
    if mine == old:
        assert found == wanted


def _listing(names: list[str], keyed: bool, style: dict[str, Any]) -> str:
    items = [{"name": name, "at": [name]} if keyed else name for name in names]
    return str(yaml.safe_dump({"kind": "List", "items": items, "more": {"a": 1}}, sort_keys=False, **style))
