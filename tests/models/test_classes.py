import pytest

from studio.core.errors import BadInput
from studio.models.classes import Classes
from tests.models.tiny_lecture import LABELS

CLASSES = Classes.of({str(number): names for number, names in LABELS.items()}, 1000)


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("golden retriever", 207),
        ("  Golden_Retriever. ", 207),
        ("Carassius auratus", 1),
        ("a photo of a golden retriever and a tench", 207),
        ("207", 207),
        ("", 1000),
        (" , ", 1000),
    ],
)
def test_a_class_is_found_by_name_and_number(prompt: str, number: int) -> None:
    assert CLASSES.find(prompt) == number


def test_of_two_names_at_one_place_the_longer_is_meant() -> None:
    cats = Classes.of({"5": "tiger", "6": "tiger cat"}, 1000)
    assert cats.find("a tiger cat on a mat") == 6


def test_a_name_is_not_found_inside_another_word() -> None:
    with pytest.raises(BadInput):
        CLASSES.find("stenches")


def test_of_classes_of_one_name_it_is_the_first() -> None:
    assert Classes.of({"134": "crane", "517": "crane"}, 1000).find("crane") == 134


@pytest.mark.parametrize("prompt", ["golden retreiver", "retriever puppy"])
def test_an_unknown_class_is_refused_with_those_near_it(prompt: str) -> None:
    with pytest.raises(BadInput, match="golden retriever"):
        CLASSES.find(prompt)


def test_a_number_that_is_no_class_is_refused() -> None:
    with pytest.raises(BadInput, match="1000"):
        CLASSES.find("1000")


def test_without_names_numbers_are_asked_for() -> None:
    with pytest.raises(BadInput, match="from 0 to 9"):
        Classes.of({}, 10).find("dog")
