"""Files of wildcards."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.library.wildcards import LARGEST, Wildcards


@pytest.fixture
def wildcards(tmp_path: Path) -> Wildcards:
    folder = tmp_path / "wildcards"
    (folder / "animals").mkdir(parents=True)
    (folder / "colour.txt").write_text("# a remark\nred\n\n  blue \n", encoding="utf-8")
    (folder / "animals" / "cats.txt").write_text("\ufefftabby\nGrüne", encoding="utf-8")
    (folder / "animals" / "dogs.txt").write_bytes(b"poodle\nb\xfcffel")
    (folder / "notes.md").write_text("no list", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return Wildcards(folder)


def test_names_are_paths_without_their_ending(wildcards: Wildcards) -> None:
    assert wildcards.names() == ["animals/cats", "animals/dogs", "colour"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("colour", ["red", "blue"]),
        ("Colour", ["red", "blue"]),
        ("animals/cats", ["tabby", "Grüne"]),
        ("cats", ["tabby", "Grüne"]),
        ("animals/*", ["tabby", "Grüne", "poodle", "b�ffel"]),
        ("nothing", []),
        ("../secret", []),
        ("secret", []),
    ],
)
def test_lines_are_those_of_the_name(wildcards: Wildcards, name: str, wanted: list[str]) -> None:
    assert wildcards.lines(name) == wanted


def test_what_is_not_there_or_no_list_has_no_lines(tmp_path: Path) -> None:
    assert Wildcards(tmp_path / "nothing").lines("a") == []
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(LARGEST + 1)
    (tmp_path / "folder.txt").mkdir()
    wildcards = Wildcards(tmp_path)
    assert wildcards.lines("huge") == wildcards.lines("folder") == []
