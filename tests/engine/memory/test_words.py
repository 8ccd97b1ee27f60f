import pytest

from studio.engine.memory.words import gib, marks, sentence
from studio.models.placement import Placement

GIB = 2**30


@pytest.mark.parametrize(
    ("count", "text"), [(GIB * 51 // 10, "5.1 GB"), (GIB // 8, "0.1 GB"), (3 * 2**20, "3 MB")]
)
def test_bytes_are_said_as_boxes_say_them(count: int, text: str) -> None:
    assert gib(count) == text


def test_a_plan_is_one_sentence_with_its_reason() -> None:
    says = sentence("encoders", Placement("rest"), "the GPU", 5 * GIB, 6 * GIB, False)
    assert says == "The text encoder leaves the GPU after reading the prompt: 5.0 of 6.0 GB free."
    says = sentence("full", Placement(tile=2), "memory", 5 * 2**20, 6 * GIB, True)
    assert says == (
        "Everything stays in memory, and the picture is decoded in parts, as you chose: "
        "5 MB of 6.0 GB free."
    )
    assert sentence("full", Placement(), "memory", GIB, None, False).endswith(
        "about 1.0 GB needed."
    )


def test_only_what_can_be_seen_in_a_picture_is_noted() -> None:
    assert marks(Placement("one", budget=0)) == ""
    assert marks(Placement("one", small=True, tile=4)) == (
        "weights in 8 bits, decoded in parts of 1/4"
    )
