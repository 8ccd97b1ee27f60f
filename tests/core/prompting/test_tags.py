"""LoRAs in prompts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.adapters import MOST, Adapter
from studio.core.prompting.tags import tags, taken_out
from studio.core.prompting.traced import Traced


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("<lora:ink:0.8>", Adapter("ink", 0.8)),
        ("<lora:ink>", Adapter("ink", 1.0)),
        ("<lora: my ink v2 :1>", Adapter("my ink v2", 1.0)),
        ("<lyco:ink:.5>", Adapter("ink", 0.5)),
        ("<LoRA:styles/ink.safetensors:-1>", Adapter("styles/ink.safetensors", -1.0)),
        ("<lora:ink:0.6:0.9>", Adapter("ink", 0.9, 0.6)),
        ("<lora:ink:te=0.6:unet=0.9>", Adapter("ink", 0.9, 0.6)),
        ("<lora:ink:unet=0.9>", Adapter("ink", 0.9)),
        ("<lora:ink:1:1:8>", Adapter("ink", 1.0)),
        ("<lora:ink:99>", Adapter("ink", MOST)),
    ],
)
def test_a_tag_is_read(prompt: str, wanted: Adapter) -> None:
    (tag,) = tags(f"a {prompt} b")
    assert (tag.adapter, tag.start, tag.end) == (wanted, 2, 2 + len(prompt))


@pytest.mark.parametrize(
    "prompt",
    [
        "<lora:>",
        "<lora::1>",
        "<lora:ink:much>",
        r"\<lora:ink:1>",
        "<lora:ink",
        "<hypernet:x:1>",
        "<b>",
    ],
)
def test_what_only_looks_like_a_tag_is_words(prompt: str) -> None:
    assert tags(prompt) == ()


def test_tags_of_known_names_are_taken_out_and_the_others_stay() -> None:
    typed = Traced.typed("a<lora:ink:0.8> boat <lora:gone:1>")
    words, adapters = taken_out(typed, lambda name: name == "ink")
    assert words.text == "a boat <lora:gone:1>"
    assert words.where[:3] == (0, 15, 16)
    assert adapters == (Adapter("ink", 0.8),)


@given(st.text("<lora:ink>0.81=te\\", max_size=60))
def test_nothing_that_can_be_typed_is_an_error(prompt: str) -> None:
    words, adapters = taken_out(Traced.typed(prompt), lambda name: True)
    assert len(adapters) == len(tags(prompt))
    assert all(abs(adapter.weight) <= MOST for adapter in adapters)
    assert len(words) <= len(prompt)
