"""Where a browser is looked for, how one is got, and what is said without one."""

import os
import stat
import subprocess
import sys
import time

import pytest

from tools import browser, install

posix = pytest.mark.skipif(sys.platform == "win32", reason="writes shell scripts")
pytestmark = posix


def program(path, body="exit 0"):
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def found(tmp_path, platform="linux", **environment):
    environment = {"PATH": str(tmp_path / "bin"), **environment}
    return browser.find(environment, tmp_path, platform)


def test_none(tmp_path):
    assert found(tmp_path) is None


@pytest.mark.parametrize("name", ["chromium", "google-chrome", "microsoft-edge"])
def test_on_the_path(tmp_path, name):
    path = program(tmp_path / "bin" / name)
    assert found(tmp_path) == str(path)


def test_one_that_does_not_start_is_passed_over(tmp_path):
    """Ubuntu's chromium-browser without its snap; a copy that lacks a library."""
    program(tmp_path / "bin" / "chromium-browser", "echo install the snap; exit 1")
    assert found(tmp_path) is None
    chrome = program(tmp_path / "bin" / "google-chrome")
    assert found(tmp_path) == str(chrome)
    (tmp_path / "bin" / "chromium").mkdir()
    assert found(tmp_path) == str(chrome)


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", ".cache/ms-playwright/chromium-{}/chrome-linux/chrome"),
        ("linux", ".cache/ms-playwright/chromium-{}/chrome-linux64/chrome"),
        (
            "darwin",
            "Library/Caches/ms-playwright/chromium-{}/chrome-mac-arm64/"
            "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        ),
    ],
)
def test_playwrights_own_the_newest(tmp_path, platform, place):
    program(tmp_path / place.format(1100))
    new = program(tmp_path / place.format(1200))
    assert found(tmp_path, platform) == str(new)


def test_playwrights_folder_may_be_elsewhere(tmp_path):
    path = program(tmp_path / "own" / "chromium-1" / "chrome-linux" / "chrome")
    folder = str(tmp_path / "own")
    assert found(tmp_path, PLAYWRIGHT_BROWSERS_PATH=folder) == str(path)


@pytest.mark.parametrize("name", ["Google/Chrome/Application/chrome.exe",
                                  "Microsoft/Edge/Application/msedge.exe"])  # fmt: skip
def test_windows(tmp_path, name):
    path = program(tmp_path / "Program Files" / name)
    folder = str(tmp_path / "Program Files")
    assert found(tmp_path, "win32", PROGRAMFILES=folder) == str(path)


def test_the_variable_decides(tmp_path):
    program(tmp_path / "bin" / "chromium")
    mine = program(tmp_path / "mine")
    assert found(tmp_path, CHROMIUM=str(mine)) == str(mine)
    with pytest.raises(RuntimeError, match="no browser that starts"):
        found(tmp_path, CHROMIUM="no-such-browser")


def test_a_user_is_not_asked_for_a_password(monkeypatch):
    for way, commands in browser.ways(is_root=False, has_apt=True, may_sudo=True):
        for command in commands:
            assert "--with-deps" not in command, way  # it calls sudo
            assert "apt-get" not in command or command[:2] == ["sudo", "-n"], way
    names = [name for name, _ in browser.ways(False, True, False)]
    assert names == ["Playwright's Chromium"]


def fake_machine(tmp_path, monkeypatch, **programs):
    """Nothing on PATH but these programs, and an empty home; returns the folder."""
    for name, body in programs.items():
        program(tmp_path / "bin" / name.replace("_", "-"), body)
    for tool in ("env", "sh", "cat", "chmod"):
        (tmp_path / "bin" / tool).symlink_to(f"/usr/bin/{tool}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setattr(browser, "playwright_calls", lambda *options: [["false"]])
    return tmp_path / "bin"


APT = """
echo "apt-get $* as $DEBIAN_FRONTEND" >> "$HOME/log"
test "$1" = update && exit 0
printf '#!/bin/sh\\nexit 0\\n' > "$HOME/bin/chromium"
chmod +x "$HOME/bin/chromium"
"""


@pytest.mark.parametrize("root", [True, False])
def test_apt_gets_one(tmp_path, monkeypatch, root):
    sudo = 'test "$1" = -n || exit 1; shift; exec "$@"'
    folder = fake_machine(tmp_path, monkeypatch, apt_get=APT, sudo=sudo)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    (folder / "true").symlink_to("/usr/bin/true")
    assert browser.get() == str(folder / "chromium")
    update, get = (tmp_path / "log").read_text("utf-8").splitlines()
    assert update == "apt-get update -qq as noninteractive"
    assert get.startswith("apt-get install -y") and " chromium as noninter" in get


def test_without_any_way_it_says_what_to_do(tmp_path, monkeypatch):
    fake_machine(tmp_path, monkeypatch, apt_get="exit 100")
    for root in (True, False):
        monkeypatch.setattr(os, "geteuid", lambda root=root: 0 if root else 1000)
        with pytest.raises(RuntimeError, match=r"apt-get install chromium.*CHROMIUM"):
            browser.get()


def test_the_command_stops_at_once_with_a_sentence(tmp_path):
    """The program as `make browser` runs it, where CHROMIUM names nothing."""
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "tools.browser"],
        cwd=install.ROOT,
        env={**os.environ, "CHROMIUM": str(tmp_path / "nothing")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "no browser that starts" in run.stderr and time.monotonic() - start < 10


def test_make_test_looks_for_it_before_anything_else():
    text = (install.ROOT / "Makefile").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("test:"))
    assert line.split()[1] == "browser"
    rule = next(line for line in text.splitlines() if line.startswith("browser:"))
    assert rule.split("##")[0].split() == ["browser:"]  # installs nothing before
