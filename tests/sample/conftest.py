"""The sample's scripts are run from their folder, and are imported here the same way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "sample"
sys.path.insert(0, str(SAMPLE))


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE
