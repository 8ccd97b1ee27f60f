"""Families are loaded many times over, and their previews fitted once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.previews import fitted_once


@pytest.fixture(scope="session", autouse=True)
def previews_fitted_once() -> Iterator[None]:
    yield from fitted_once()
