"""Killed between any two statements of a change, a database has all of it, audit entry included, or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.bot.killed_changes import ACTIONS
from tests.conftest import ROOT


def attempts(url: str, action: str) -> list[dict[str, Any]]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.bot.killed_changes", url, action],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_killed_change_is_there_with_its_audit_entry_or_not_at_all(database_url: str, action: str) -> None:
    made = attempts(database_url, action)

    killed = [attempt for attempt in made if attempt["died"]]
    before, done = made[0]["before"], made[-1]["after"]
    assert not made[-1]["died"]
    assert done["revision"] == before["revision"] + 1
    assert done["entries"][-len(before["entries"]) :] == before["entries"]
    assert len(done["entries"]) > len(before["entries"])
    assert (done["rules"], done["settings"], done["reports"]) != (
        before["rules"], before["settings"], before["reports"],
    )  # fmt: skip
    assert all(attempt["before"] == before for attempt in made)
    assert all(attempt["after"] in (before, done) for attempt in killed)
    # Nothing is there before the commit, and all of it after: that is where the last attempts of each moment died.
    assert [attempt["after"] == done for attempt in killed].count(True) == 1
    assert len(killed) >= 2 * 4, "at least the server's row, the change, its entry and the commit, at both moments"
