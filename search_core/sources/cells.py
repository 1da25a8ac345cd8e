"""From a cell of a picture column to the bytes of a picture file.

`datasets`' Image feature keeps a struct of bytes and path; arrays and PIL images become files when the data set
is made, as TIFF where its PNG writer was not trusted. Plain columns of bytes, paths or numbers occur as well. A file
stays as it is, so that it is known again by its checksum, wherever it comes from.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search_core.errors import PictureError
from search_core.sources.archives import MAX_FILE_BYTES

_GREY, _RGBA = 1, 4


class Files:
    """Which files the path of a cell may name.

    Args:
        base: the folder that relative paths start from.
        within: folders outside of which nothing is read, or None for a data set of the operator's own making. A
            data set from elsewhere could otherwise have any file of this machine shown.
    """

    def __init__(self, base: Path, within: tuple[Path, ...] | None = None) -> None:
        self.base = base.resolve()
        self._within = None if within is None else tuple(folder.resolve() for folder in within)

    def find(self, path: str) -> Path:
        """The file that a cell's path names.

        Raises:
            PictureError: if it is none that may be read.
        """
        if "://" in path:
            raise PictureError(f"The row only has the address {path}. Download the pictures first.")
        found = (self.base / path).resolve()
        if self._within is not None and not any(found.is_relative_to(folder) for folder in self._within):
            raise PictureError("The row names a file outside of its data set, which is not read.")
        return found

    def stamp(self, path: str) -> str:
        """Size and time of a named file; empty if there is none, or if its data set's fingerprint covers it."""
        if self._within is not None:
            return ""
        try:
            status = self.find(path).stat()
        except (OSError, ValueError, PictureError):
            return ""
        return f"{status.st_size}:{status.st_mtime_ns}"


def picture_bytes(cell: Any, files: Files) -> bytes:
    """The picture file in a cell.

    Args:
        cell: None, bytes, a path, a struct of both, or nested lists of numbers: (height, width) or
            (height, width, 1, 3 or 4), whole numbers from 0 to 255 or 65535, or fractions from 0 to 1.
        files: which files a path may name.

    Raises:
        OSError, PictureError: with the reason.
    """
    if isinstance(cell, dict):
        cell = cell.get("bytes") if cell.get("bytes") is not None else cell.get("path")
    if cell is None or cell in ("", []):
        raise PictureError("The row has no picture.")
    if isinstance(cell, bytes):
        return cell
    if isinstance(cell, str):
        return _read(files.find(cell))
    return png_of_array(_array(cell))


def png_of_array(array: np.ndarray) -> bytes:
    """Encode an array as PNG, without loss where its values are whole numbers.

    Raises:
        PictureError: if its shape or values are no picture's.
    """
    if array.ndim == 3 and array.shape[2] == _GREY:
        array = array[:, :, 0]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (2, 3, _RGBA))):
        raise PictureError(f"An array of shape {array.shape} is no picture. Use (height, width) or (..., 3).")
    return _png(Image.fromarray(_whole_numbers(array)))


def _array(cell: Any) -> np.ndarray:
    try:
        return np.asarray(cell)
    except ValueError as error:
        raise PictureError("The row's lists are not of one length and make no picture.") from error


def _whole_numbers(array: np.ndarray) -> np.ndarray:
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "uif" or not np.isfinite(array).all():
        raise PictureError("The row's array holds other things than numbers.")
    low, high = array.min(), array.max()
    if low >= 0 and high <= 1 and array.dtype.kind == "f":
        array = array * 255
    if array.min() >= 0 and array.max() <= (255 if array.ndim == 3 else 65_535):
        result: np.ndarray = np.rint(array).astype(np.uint8 if array.max() <= 255 else np.uint16)
        return result
    raise PictureError(f"The row's array has values from {low} to {high}. Use 0 to 255, or fractions from 0 to 1.")


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PictureError(f"The file is too large: at most {MAX_FILE_BYTES // 1024**2} MiB.")
    return path.read_bytes()


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
