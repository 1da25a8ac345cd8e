"""The contact sheet shows each picture once, in order, with its caption, whatever the pictures are like."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from search_core import contact_sheet
from search_core.sheet import CELL
from tests.search_core.pictures import encoded, gradient


def _plain(colour: str, size: tuple[int, int] = (200, 200)) -> bytes:
    return encoded(Image.new("RGB", size, colour))


def _share(sheet: Image.Image, colour: tuple[int, int, int]) -> float:
    return float((np.asarray(sheet) == colour).all(axis=-1).sum()) / CELL**2


def test_nine_pictures_make_three_rows_of_three_in_reading_order() -> None:
    colours = ["red", "lime", "blue", "yellow", "cyan", "magenta", "orange", "purple", "black"]

    sheet = contact_sheet([(_plain(colour), colour) for colour in colours], "nine")

    step_x, step_y = (sheet.width - 16) // 3, (sheet.height - 60) // 3
    for i, colour in enumerate(colours):
        centre = (16 + CELL // 2 + i % 3 * step_x, 60 + CELL // 2 + i // 3 * step_y)
        assert sheet.getpixel(centre) == Image.new("RGB", (1, 1), colour).getpixel((0, 0)), colour


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (1, 1), (3, 1), (4, 2), (9, 3), (10, 4)])
def test_it_is_as_high_as_its_rows(count: int, rows: int) -> None:
    one_row = contact_sheet([(_plain("red"), "x")]).height - 16

    assert contact_sheet([(_plain("red"), "x")] * count).height == 16 + rows * one_row


def test_pictures_keep_their_proportions_and_stay_inside_their_cell() -> None:
    sheet = contact_sheet([(_plain("red", (800, 200)), "wide")])

    assert _share(sheet, (255, 0, 0)) == pytest.approx(1 / 4, abs=0.02)


def test_a_picture_that_cannot_be_decoded_leaves_a_named_blank_and_the_others_stay() -> None:
    sheet = contact_sheet([(b"nonsense", "broken"), (_plain("lime"), "good")])

    assert _share(sheet, (0, 255, 0)) > 0.5


@pytest.mark.parametrize("caption", ["", "x" * 500, "many short words " * 40, "Ωμέγα Ж ש 図", "line\nbreak"])
def test_any_caption_fits_below_its_picture(caption: str) -> None:
    plain = contact_sheet([(_plain("white"), "")])
    sheet = contact_sheet([(_plain("white"), caption)])

    assert sheet.size == plain.size
    ink = np.asarray(sheet.convert("L")) < 128
    assert not ink[:, :8].any()
    assert not ink[:, 16 + CELL + 8 : 16 + CELL + 24].any()


def test_without_a_heading_there_is_no_room_left_for_one() -> None:
    picture = [(encoded(gradient()), "x")]

    assert contact_sheet(picture, "heading").height > contact_sheet(picture).height
