"""Archives are folders by another name: the same rows, nothing unpacked by name, damage told and not swallowed."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from search_core.errors import PictureError, SourceError
from search_core.sources import archives, open_source, tars
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())
KINDS = ("zip", "tar", "tar.gz", "tar.xz", "tar.bz2")
CONTENT = {
    "metadata.csv": b"file_name,title\na/x.png,Ship\nb/y.jpg,Tree\n",
    "a/x.png": PICTURE + b"x",
    "b/y.jpg": PICTURE + b"y",
    "b/metadata.jsonl": b'{"file_name": "z.gif", "year": 1850}\n',
    "b/z.gif": PICTURE + b"z",
    "README.md": b"hello",
    "__MACOSX/a/._x.png": b"not a picture",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGNETTE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _pack(path: Path, content: dict[str, bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        return path
    packing = {".gz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}.get(path.suffix, "w")
    with tarfile.open(path, packing) as tar:
        for name, data in content.items():
            tar.addfile(_entry(name, len(data)), io.BytesIO(data))
    return path


def _entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname, entry.mtime = size, kind, target, 1_600_000_000
    return entry


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_gives_the_rows_of_the_folder_that_was_packed(tmp_path: Path, kind: str) -> None:
    for name, data in CONTENT.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(data)
    folder = open_source(tmp_path / "folder")

    archive = open_source(_pack(tmp_path / f"pictures.{kind}", CONTENT))

    assert archive.name == str(tmp_path / f"pictures.{kind}")
    assert archive.columns == folder.columns == ("file_name", "label", "title", "year")
    assert [row.metadata for row in archive.rows] == [row.metadata for row in folder.rows]
    assert [row.read() for row in archive.rows] == [PICTURE + b"x", PICTURE + b"y", PICTURE + b"z"]
    assert archive.notes == folder.notes


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_archive_is_shows_in_its_first_bytes_and_not_in_its_name(tmp_path: Path, kind: str) -> None:
    path = _pack(tmp_path / f"pictures.{kind}", CONTENT).rename(tmp_path / "download")

    assert len(open_source(path).rows) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_listing_of_an_archive_changes_with_its_content_alone(tmp_path: Path, kind: str) -> None:
    path = _pack(tmp_path / f"pictures.{kind}", CONTENT)
    first = open_source(path).listing()
    os.utime(path, (1, 1))
    assert open_source(path).listing() == first

    _pack(path, CONTENT | {"a/x.png": PICTURE + b"longer"})

    assert open_source(path).listing() != first


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_lead_out_are_passed_over_with_a_word_and_odd_ones_made_plain(tmp_path: Path, kind: str) -> None:
    names = ("../out.png", "a/../../out.png", "/abs.png", "./dot.png", "c\\d.png")

    source = open_source(_pack(tmp_path / f"pictures.{kind}", dict.fromkeys(names, PICTURE)))

    assert [row.metadata["file_name"] for row in source.rows] == ["abs.png", "c/d.png", "dot.png"]
    [note] = source.notes
    assert "2 entries' names lead out of the archive" in note
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"pictures.{kind}"]  # nothing was unpacked


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_of_names_that_come_twice_the_last_counts_and_a_note_says_so(tmp_path: Path, kind: str) -> None:
    path = _pack(tmp_path / f"pictures.{kind}", {"a.png": PICTURE + b"1"})
    if kind == "zip":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("a.png", PICTURE + b"2")
    else:
        with tarfile.open(path, "a") as tar:
            tar.addfile(_entry("a.png", len(PICTURE) + 1), io.BytesIO(PICTURE + b"2"))

    source = open_source(path)

    assert [row.read()[-1:] for row in source.rows] == [b"2"]
    assert "more than once" in source.notes[0]


def test_links_and_devices_in_a_tar_are_passed_over_but_a_second_name_of_a_file_is_a_picture(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pictures.tar", "w") as tar:
        tar.addfile(_entry("a.png", len(PICTURE)), io.BytesIO(PICTURE))
        tar.addfile(_entry("second.png", 0, tarfile.LNKTYPE, "a.png"))
        tar.addfile(_entry("passwords.png", 0, tarfile.SYMTYPE, "/etc/passwd"))
        tar.addfile(_entry("dangling.png", 0, tarfile.LNKTYPE, "/etc/passwd"))
        tar.addfile(_entry("pipe.png", 0, tarfile.FIFOTYPE))
        tar.addfile(_entry("device.png", 0, tarfile.CHRTYPE))
        tar.addfile(_entry("folder", 0, tarfile.DIRTYPE))

    source = open_source(tmp_path / "pictures.tar")

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png", "second.png"]
    assert source.rows[1].read() == PICTURE
    assert source.notes == (
        "4 entries are links, devices or in pieces and will be passed over; the first is passwords.png.",
    )


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_hidden_pictures_in_an_archive_are_counted_but_not_what_macos_leaves(tmp_path: Path, kind: str) -> None:
    names = ("a.png", ".hidden/p.png", "__MACOSX/._a.png", "._b.png")

    source = open_source(_pack(tmp_path / f"pictures.{kind}", dict.fromkeys(names, PICTURE)))

    assert len(source.rows) == 1
    [note] = source.notes
    assert note.startswith("1 hidden picture will be passed over, the first is .hidden/p.png.")


def test_a_pipe_in_a_zip_is_passed_over(tmp_path: Path) -> None:
    pipe = zipfile.ZipInfo("pipe.png")
    pipe.external_attr = (stat.S_IFIFO | 0o644) << 16
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("a.png", PICTURE)
        archive.writestr(pipe, b"")

    source = open_source(tmp_path / "pictures.zip")

    assert len(source.rows) == 1
    assert "pipe.png" in source.notes[0]


def test_links_in_a_zip_are_passed_over(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("passwords.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("a.png", PICTURE)
        archive.writestr(link, "/etc/passwd")

    source = open_source(tmp_path / "pictures.zip")

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png"]
    assert "passwords.png" in source.notes[0]


def test_an_encrypted_zip_is_a_clear_error(tmp_path: Path) -> None:
    path = _pack(tmp_path / "pictures.zip", {"a.png": PICTURE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the archive's directory
    path.write_bytes(data)

    with pytest.raises(SourceError, match=r"is encrypted\. Unpack it yourself"):
        open_source(path)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_is_cut_off_is_an_error_and_no_shorter_collection(tmp_path: Path, kind: str) -> None:
    path = _pack(tmp_path / f"pictures.{kind}", {f"{i}.png": PICTURE + os.urandom(20_000) for i in range(5)})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(SourceError, match="again"):
        open_source(path)


def test_a_tar_with_a_broken_header_in_the_middle_is_an_error_and_no_shorter_collection(tmp_path: Path) -> None:
    path = _pack(tmp_path / "pictures.tar", {f"{i}.png": PICTURE for i in range(5)})
    data = bytearray(path.read_bytes())
    at = data.index(b"2.png")
    data[at : at + 512] = b"\xff" * 512
    path.write_bytes(data)

    with pytest.raises(SourceError, match="broken header"):
        open_source(path)


def test_an_entry_that_cannot_be_unpacked_is_an_error_of_its_row_alone(tmp_path: Path) -> None:
    path = _pack(tmp_path / "pictures.zip", {"a.png": PICTURE, "b.png": PICTURE})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    first, second = open_source(path).rows

    with pytest.raises(PictureError, match="cannot be unpacked"):
        first.read()
    assert second.read() == PICTURE


def test_metadata_that_cannot_be_unpacked_is_an_error_of_the_source(tmp_path: Path) -> None:
    path = _pack(tmp_path / "pictures.zip", {"metadata.csv": CONTENT["metadata.csv"] * 9, "a.png": PICTURE})
    data = bytearray(path.read_bytes())
    data[50] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(SourceError, match=r"A metadata file in .* cannot be read"):
        open_source(path)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_entry_that_claims_to_be_huge_is_never_unpacked(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("zips", "tars"):
        monkeypatch.setattr(f"search_core.sources.{module}.MAX_FILE_BYTES", len(PICTURE))
    path = _pack(tmp_path / f"pictures.{kind}", {"a.png": PICTURE, "b.png": PICTURE + b"\0"})
    first, second = open_source(path).rows

    assert first.read() == PICTURE
    with pytest.raises(PictureError, match="too large"):
        second.read()
    assert archives.MAX_FILE_BYTES >= 64 * 1024**2


def test_a_tar_that_unpacks_to_far_more_than_pictures_do_is_refused_and_leaves_nothing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tars, "FREE_BYTES", 1024**2)
    path = _pack(tmp_path / "bomb.tar.gz", {"a.png": bytes(4 * 1024**2)})

    with pytest.raises(SourceError, match="far more than pictures do"):
        open_source(path)

    assert [found for found in cache.rglob("*") if found.is_file()] == []


def test_a_compressed_tar_is_unpacked_once_and_anew_when_it_has_changed(tmp_path: Path, cache: Path) -> None:
    path = _pack(tmp_path / "pictures.tar.gz", {"a.png": PICTURE})
    open_source(path)
    [unpacked] = (cache / "unpacked").iterdir()
    before = unpacked.stat().st_ino, unpacked.stat().st_mtime_ns

    open_source(path)
    assert (unpacked.stat().st_ino, unpacked.stat().st_mtime_ns) == before

    _pack(path, {"b.png": PICTURE})
    assert [row.metadata["file_name"] for row in open_source(path).rows] == ["b.png"]


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_without_pictures_is_a_clear_error(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SourceError, match="holds no pictures"):
        open_source(_pack(tmp_path / f"pictures.{kind}", {"README.md": b"hello"}))
