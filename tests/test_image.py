from __future__ import annotations

import pytest

from gitopsmith import image


@pytest.mark.parametrize(
    ("reference", "name", "tag", "digest"),
    [
        ("nginx", "nginx", "", ""),
        ("nginx:1.27", "nginx", "1.27", ""),
        ("registry.example.com:5000/shop/web", "registry.example.com:5000/shop/web", "", ""),
        ("registry.example.com:5000/shop/web:1.4", "registry.example.com:5000/shop/web", "1.4", ""),
        ("shop/web@sha256:4bcd", "shop/web", "", "sha256:4bcd"),
        ("localhost:5000/web:1.4@sha256:4bcd", "localhost:5000/web", "1.4", "sha256:4bcd"),
        ("localhost:5000", "localhost", "5000", ""),
    ],
)
def test_an_image_reference_is_cut_at_its_marks(reference: str, name: str, tag: str, digest: str) -> None:
    assert image.parse(reference) == (name, tag, digest)
