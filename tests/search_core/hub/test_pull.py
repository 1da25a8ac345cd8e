"""A pull brings the index that was pushed, byte for byte, or leaves things as they were and says why."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from search_core import StoreError
from search_core.errors import InputError
from search_core.hub.push import Pushed
from search_core.store import IndexDirectory, Manifest
from tests.search_core.hub.conftest import NAME, READ, WRITE, files_of, generation_of, vignette
from tests.search_core.hub_server import Hub


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"token": None}, StoreError, "set HF_TOKEN"),
        ({"token": "hf_expired"}, StoreError, "set HF_TOKEN"),
        ({"token": "hf_bro\nken"}, StoreError, "token cannot be sent"),
        ({"repository": "library/gone"}, StoreError, "no data set library/gone"),
        ({"repository": "engravings"}, InputError, "OWNER/NAME"),
        ({"revision": "gone"}, StoreError, "no branch, tag or commit gone"),
        ({"endpoint": "http://127.0.0.1:9"}, StoreError, "Check the network"),
    ],
)
def test_a_pull_that_is_not_possible_says_why_and_leaves_no_trace(
    options: dict[str, Any], error: type[Exception], words: str,
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path,
) -> None:  # fmt: skip
    push(built)

    with pytest.raises(error, match=words) as raised:
        pull(tmp_path / "index", **options)

    assert "ken" not in str(raised.value).replace("token", "").replace("TOKEN", "")
    assert not (tmp_path / "index").exists()


def test_the_token_is_taken_from_the_environment(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    push(built)
    monkeypatch.setenv("HF_TOKEN", READ)

    assert pull(tmp_path / "index", token=None).rows == 20


def test_offline_mode_is_named(pull: Callable[..., Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(StoreError, match="HF_HUB_OFFLINE is set"):
        pull(tmp_path / "index")


def test_a_repository_without_an_index_is_refused(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.tamper(NAME, lambda files: files.pop("index.faiss"))

    with pytest.raises(StoreError, match=r"index\.faiss is missing"):
        pull(tmp_path / "index")


def test_a_pull_of_what_is_served_already_does_nothing(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    first = pull(tmp_path / "index")
    before = files_of(tmp_path / "index")
    hub.sent.clear()

    assert first == pull(tmp_path / "index")

    assert before == files_of(tmp_path / "index")
    assert hub.sent == ["manifest.json"]


def test_a_pull_repairs_a_served_generation_that_is_damaged(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    push(built)
    pull(tmp_path / "index")
    (IndexDirectory(tmp_path / "index").current() / "rows" / "shard-00002.arrow").write_bytes(b"nonsense")

    pull(tmp_path / "index")

    assert generation_of(built) == generation_of(tmp_path / "index")


def test_a_pull_killed_before_its_last_step_only_takes_that_step(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(smaller)
    pull(tmp_path / "index")
    push(built)
    pull(tmp_path / "index")
    (tmp_path / "index" / "CURRENT").write_text("generation-000001\n")
    hub.sent.clear()

    assert pull(tmp_path / "index").rows == 20
    assert IndexDirectory(tmp_path / "index").current().name == "generation-000002"
    assert hub.sent == ["manifest.json"]


def test_a_pull_becomes_the_next_generation_and_leaves_an_unfinished_build_alone(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "index")
    target = IndexDirectory(tmp_path / "index")
    target.building.mkdir()
    (target.building / "plan.json").write_text("{}")
    push(smaller)

    pull(tmp_path / "index")

    assert [path.name for path in target.generations()] == ["generation-000001", "generation-000002"]
    assert generation_of(smaller) == generation_of(tmp_path / "index")
    assert (target.building / "plan.json").read_text() == "{}"


def test_a_directory_in_use_is_not_pulled_into(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    push(built)

    with IndexDirectory(tmp_path / "index").locked(), pytest.raises(StoreError, match="Wait for it to end"):
        pull(tmp_path / "index")


def test_long_listings_are_read_to_their_end(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    hub.page = 2
    push(built)

    assert pull(tmp_path / "index").rows == 20


def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.cuts["rows/shard-00001.arrow"] = 1

    pull(tmp_path / "index")

    assert hub.sent.count("rows/shard-00001.arrow") == 2
    assert generation_of(built) == generation_of(tmp_path / "index")


def test_bytes_that_come_damaged_are_told_and_fetched_again_by_the_next_pull(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    shutil.copytree(smaller, tmp_path / "index")
    push(built)
    name = "rows/shard-00001.arrow"
    hub.wrong[name] = bytes(len(generation_of(built)[name]))

    with pytest.raises(StoreError, match=f"{name} of {NAME} came damaged. Run the command again"):
        pull(tmp_path / "index")

    assert generation_of(smaller) == generation_of(tmp_path / "index")
    hub.wrong.clear()
    hub.sent.clear()
    pull(tmp_path / "index")
    assert generation_of(built) == generation_of(tmp_path / "index")
    assert hub.sent.count(name) == 1


def test_a_killed_pull_leaves_the_directory_as_it_was_and_goes_on(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    shutil.copytree(smaller, tmp_path / "index")
    push(built)
    reached, released = threading.Event(), threading.Event()

    def stop_at_the_index(name: str) -> None:
        if name == "index.faiss":
            reached.set()
            released.wait(60)

    hub.gate = stop_at_the_index
    with vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "index") as process:
        assert reached.wait(60)
        _until(lambda: len(list((tmp_path / "index" / "pulling").glob("generation-*/rows/*.arrow"))) == 4)
        process.send_signal(signal.SIGKILL)
    released.set()
    assert generation_of(smaller) == generation_of(tmp_path / "index")

    hub.sent.clear()
    pull(tmp_path / "index")

    assert generation_of(built) == generation_of(tmp_path / "index")
    assert "index.faiss" in hub.sent
    assert not [name for name in hub.sent if name.startswith("rows/")], "what came before the kill is not fetched again"
    assert not (tmp_path / "index" / "pulling").exists()


def _until(true: Callable[[], bool]) -> None:
    wait = threading.Event()
    for _ in range(600):
        if true():
            return
        wait.wait(0.05)
    raise AssertionError("it never came to this")


def test_what_an_interrupted_pull_of_another_commit_left_is_not_mixed_in(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.wrong["index.faiss"] = bytes(len(generation_of(built)["index.faiss"]))
    with pytest.raises(StoreError, match="damaged"):
        pull(tmp_path / "index")
    hub.wrong.clear()
    push(smaller)

    pull(tmp_path / "index")

    assert generation_of(smaller) == generation_of(tmp_path / "index")


def test_push_and_pull_are_commands(built: Path, hub: Hub, tmp_path: Path) -> None:
    pushed = vignette(hub, tmp_path, "index", "push", built, NAME)
    out, errors = pushed.communicate(timeout=120)
    assert pushed.returncode == 0, errors
    assert "20 pictures" in out
    assert "private" in out
    assert "source, model" in errors

    pulled = vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "index", token=READ)
    more_out, more_errors = pulled.communicate(timeout=120)
    assert pulled.returncode == 0, more_errors
    assert "20 pictures" in more_out
    assert "Pulling" in more_errors
    assert generation_of(built) == generation_of(tmp_path / "index")

    refused = vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "other", token="hf_expired")
    _, line = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "set HF_TOKEN" in line
    assert "Traceback" not in line
    for text in (out, errors, more_out, more_errors, line):
        assert not any(token in text for token in (READ, WRITE, "hf_expired"))
