"""What several test files of the helpers share."""

import pytest

from d2lutils import data, data_downloads


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No data folder, an empty cache, and no network."""
    monkeypatch.delenv("D2L_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("D2L_OFFLINE", "1")
    monkeypatch.setattr(data_downloads, "_failed", {})
    monkeypatch.setattr(data, "_used", {})
    return tmp_path
