"""Prompts counted beside the engine, through its own thread."""

from __future__ import annotations

from pathlib import Path

from studio.core import events
from studio.core.counting import Count, Name
from tests.engine.conftest import Bench


def asked(bench: Bench, wish: Count) -> events.Counted:
    bench.engine.ask(wish)
    event = bench.until(events.Counted)
    assert isinstance(event, events.Counted)
    assert event.wish == wish
    return event


def test_a_prompt_is_counted_as_its_seed_says_it(bench: Bench, tiny_folder: Path) -> None:
    info = bench.catalogue.add(tiny_folder)
    long = asked(bench, Count(info, "prompt", "a " * 40))
    assert (long.tokens, long.room, long.parts, long.turns) == (40, 60, 2, (60,))
    counts = {asked(bench, Count(info, "prompt", "{a|a b}", seed)).tokens for seed in range(8)}
    assert counts == {1, 2}


def test_loras_are_not_counted_and_unknown_ones_are_said(bench: Bench, tiny_folder: Path) -> None:
    folder = bench.folders.data / "loras"
    folder.mkdir(parents=True)
    (folder / "ink.safetensors").write_bytes(b"")
    info = bench.catalogue.add(tiny_folder)
    found = asked(bench, Count(info, "prompt", "a <lora:ink:0.5>"))
    assert (found.tokens, found.unknown) == (1, ())
    found = asked(bench, Count(info, "prompt", "a <lora:oil:0.5>"))
    assert found.tokens > 1
    assert found.unknown == ((2, 16),)
    # where they are words
    assert asked(bench, Count(info, "negative_prompt", "a <lora:ink:0.5>")).tokens > 1


def test_files_of_wildcards_that_are_not_there_are_said(bench: Bench, tiny_folder: Path) -> None:
    bench.folders.wildcards.mkdir(parents=True)
    (bench.folders.wildcards / "colour.txt").write_text("red")
    info = bench.catalogue.add(tiny_folder)
    found = asked(bench, Count(info, "negative_prompt", "__colour__ {a|__gone__}"))
    assert found.unknown == ((14, 22),)


def test_a_model_without_tokens_has_no_room(bench: Bench) -> None:
    assert asked(bench, Count(bench.catalogue.find("toy"), "prompt", "red")).room == 0


def test_a_model_that_cannot_be_read_has_no_room(bench: Bench, tiny_folder: Path) -> None:
    info = bench.catalogue.add(tiny_folder)
    (tiny_folder / "tokenizer").rename(tiny_folder / "tokenizer-gone")
    try:
        assert asked(bench, Count(info, "prompt", "red")).room == 0
    finally:
        (tiny_folder / "tokenizer-gone").rename(tiny_folder / "tokenizer")


def test_what_a_prompt_can_name(bench: Bench) -> None:
    for folder, file in (
        ("loras", "Oil.safetensors"),
        ("loras", "ink.safetensors"),
        ("embeddings", "bad.pt"),
        ("wildcards", "colour.txt"),
    ):
        (bench.folders.data / folder).mkdir(parents=True, exist_ok=True)
        (bench.folders.data / folder / file).write_bytes(b"")
    bench.engine.ask(Name())
    event = bench.until(events.Named)
    assert event == events.Named(("ink", "Oil"), ("bad",), ("colour",))
