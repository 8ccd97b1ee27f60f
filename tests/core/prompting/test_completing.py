"""What a begun word could become."""

from __future__ import annotations

import pytest

from studio.core.counting import Named
from studio.core.prompting.completing import meant

NAMES = Named(
    ("ink-drawing", "oil", "thick ink"), ("easynegative", "bad-hands"), ("colour", "places/coast")
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a <lora:ink", ["<lora:ink-drawing:1>", "<lora:thick ink:1>"]),
        ("a <lora:", ["<lora:ink-drawing:1>", "<lora:oil:1>", "<lora:thick ink:1>"]),
        ("a <lyco:OI", ["<lora:oil:1>"]),
        ("__", ["__colour__", "__places/coast__"]),
        ("a __co", ["__colour__", "__places/coast__"]),
        ("__colour__ and __pl", ["__places/coast__"]),
        ("fog, easy", ["easynegative"]),
        ("(hand", ["bad-hands"]),
    ],
)
def test_what_fits_is_proposed(text: str, wanted: list[str]) -> None:
    found = meant(text, NAMES)
    assert found is not None
    assert list(found.texts) == wanted
    assert len(found.names) == len(wanted)


@pytest.mark.parametrize(
    "text",
    ["", "a boat", "<lora:no", r"\<lora:ink", "<lora:ink:0.", "<lora:ink>", "__colour__", "ea"],
)
def test_what_fits_nothing_is_left_alone(text: str) -> None:
    assert meant(text, NAMES) is None


def test_it_goes_in_the_place_of_what_was_begun() -> None:
    found = meant("a __co", NAMES)
    assert found is not None
    assert found.start == 2


CLASSES = ("tench", "goldfish", "golden retriever", "labrador retriever")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("gold", ["goldfish", "golden retriever"]),
        ("retr", ["golden retriever", "labrador retriever"]),
        ("golden re", ["golden retriever"]),
        (" Gold", ["goldfish", "golden retriever"]),
    ],
)
def test_the_whole_prompt_of_a_model_of_classes_is_a_class(text: str, wanted: list[str]) -> None:
    found = meant(text, NAMES, CLASSES)
    assert found is not None
    assert list(found.texts) == wanted
    assert found.start == len(text) - len(text.lstrip())


@pytest.mark.parametrize("text", ["", " ", "goldfish", "<lora:", "a gold"])
def test_a_class_that_is_whole_or_none_proposes_nothing(text: str) -> None:
    assert meant(text, NAMES, CLASSES) is None
