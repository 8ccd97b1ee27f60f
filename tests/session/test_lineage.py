from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.library.library import Entry
from studio.session.lineage import Kin, families, missing


def entry(number: int, record: Record) -> Entry:
    return Entry(number, Path(f"{number}.png"), float(number), record, b"")


def branch(run: str, parent: Record, step: int, image: int = 0) -> Record:
    return Record(Recipe(), run, image, origin=Origin(parent.run, step, parent))


def tree(kin: Kin) -> object:
    return (kin.run, [tree(child) for child in kin.children])


def test_branches_are_under_what_they_came_from_by_step_and_age() -> None:
    root = Record(Recipe(), "root")
    early, late, again = branch("b", root, 3), branch("c", root, 9), branch("d", root, 3)
    grand = branch("e", late, 12)
    found = families(
        entry(number, record)
        for number, record in enumerate((root, late, early, grand, again), start=1)
    )
    assert [tree(kin) for kin in found] == [("root", [("b", []), ("d", []), ("c", [("e", [])])])]
    assert [child.step for child in found[0].children] == [3, 3, 9]


def test_the_family_with_the_newest_picture_is_first() -> None:
    one, two = Record(Recipe(), "one"), Record(Recipe(), "two")
    found = families([entry(1, one), entry(2, two), entry(3, branch("b", one, 5))])
    assert [kin.run for kin in found] == ["one", "two"]


def test_pictures_of_a_batch_are_one_run() -> None:
    records = [Record(Recipe(seed=n), "run", n) for n in (2, 0, 1)]
    (kin,) = families(entry(n, record) for n, record in enumerate(records, start=1))
    assert [e.record.image for e in kin.entries] == [0, 1, 2]
    assert kin.record.image == 0


def test_a_parent_that_is_gone_still_holds_its_children_together() -> None:
    root = Record(Recipe(prompt="gone"), "root")
    middle = branch("middle", root, 4)
    entries = [entry(1, branch("b", middle, 6)), entry(2, branch("c", middle, 8))]
    assert missing(entries) == {"root", "middle"}
    (kin,) = families(entries)
    assert tree(kin) == ("root", [("middle", [("b", []), ("c", [])])])
    assert (kin.entries, kin.record.recipe.prompt) == ((), "gone")
    assert missing([*entries, entry(3, root)]) == {"middle"}


def test_pictures_without_a_run_stand_alone() -> None:
    found = families([entry(1, Record(Recipe())), entry(2, Record(Recipe()))])
    assert len(found) == 2


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_every_run_is_in_the_tree_once(above: list[int]) -> None:
    records: list[Record] = []
    for number, parent in enumerate(above):
        if parent < number:
            records.append(branch(f"r{number}", records[parent], parent))
        else:
            records.append(Record(Recipe(), f"r{number}"))

    def runs(kin: Kin) -> list[str]:
        return [kin.run, *(run for child in kin.children for run in runs(child))]

    found = families(entry(number, record) for number, record in enumerate(records))
    names = [run for kin in found for run in runs(kin)]
    assert sorted(names) == sorted(record.run for record in records)
    assert [kin.newest for kin in found] == sorted((k.newest for k in found), reverse=True)


def test_a_long_chain_of_branches_is_no_trouble() -> None:
    record = Record(Recipe(), "r0")
    for number in range(1, 200):
        record = replace(branch(f"r{number}", record, 1), recipe=Recipe(seed=number))
    (kin,) = families([entry(1, record)])
    depth = 0
    while kin.children:
        depth, (kin,) = depth + 1, kin.children
    assert depth == 199
