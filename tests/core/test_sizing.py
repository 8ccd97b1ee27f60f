import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.core.sizing import check_size, working_size

sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))


@given(sizes, st.sampled_from([8, 16, 32, 64]))
def test_a_working_size_is_made_of_multiples_and_can_be_drawn(size: Size, multiple: int) -> None:
    native = Size(512, 512)
    working = working_size(size, native, multiple)
    assert working.width % multiple == 0
    assert working.height % multiple == 0
    check_size(working, Abilities(native, multiple))


@given(st.builds(Size, st.integers(300, 3000), st.integers(300, 3000)))
def test_an_ordinary_picture_keeps_its_shape_and_the_native_area(size: Size) -> None:
    working = working_size(size, Size(512, 512), 8)
    assert working.width / working.height == pytest.approx(size.width / size.height, rel=0.08)
    assert working.area == pytest.approx(512 * 512, rel=0.08)


@pytest.mark.parametrize("size", [Size(100, 128), Size(128, 100), Size(4096, 4096)])
def test_a_size_the_model_cannot_draw_is_refused(size: Size) -> None:
    with pytest.raises(BadInput, match=r"multiples|trained"):
        check_size(size, Abilities(Size(128, 128), 32))


def test_the_refusal_names_a_size_that_works() -> None:
    with pytest.raises(BadInput, match="Use 96x128"):
        check_size(Size(100, 128), Abilities(Size(128, 128), 32))
