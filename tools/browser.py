"""Find the browser that the site's tests drive, or get one (`make browser`).

Any Chromium will do: Chromium itself, Chrome, Edge, or the copy that Playwright keeps
for itself. ``CHROMIUM`` in the environment names one outright. Standard library only:
`make test` asks first of all, before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import install

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
PROGRAMS = {  # where browsers stand on systems that don't put them on PATH
    "darwin": [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ],
    "win32": [
        "Google/Chrome/Application/chrome.exe",
        "Chromium/Application/chrome.exe",
        "Microsoft/Edge/Application/msedge.exe",
    ],
}
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
PLAYWRIGHT_FOLDER = {
    "darwin": "Library/Caches/ms-playwright",
    "win32": "AppData/Local/ms-playwright",
}
PLAYWRIGHT_PROGRAMS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium-*/chrome-win*/chrome.exe",
)
WHAT_TO_DO = (
    "The site's tests need a browser: Chromium, Chrome or Edge. Install one of them "
    "(on Debian: apt-get install chromium), or say `.venv/bin/playwright install "
    "chromium` where there is a network, or name one in the environment variable "
    "CHROMIUM. Everything else can be tested without: make lint unit notebooks offline"
)


def candidates(environment=os.environ, home=None, platform=sys.platform):
    """Yield every path where a browser may be, the best first.

    Parameters
    ----------
    environment : mapping
        Its ``PATH``, and on Windows the folders of programs, are searched.
    home : Path, optional
        The user's folder, in which Playwright keeps its browsers.
    """
    home = Path(home or Path.home())
    for name in NAMES:
        if path := shutil.which(name, path=environment.get("PATH", "")):
            yield path
    for program in PROGRAMS.get(platform, []):
        if platform != "win32":
            yield program
        for folder in WINDOWS_FOLDERS if platform == "win32" else ():
            if environment.get(folder):
                yield str(Path(environment[folder], program))
    own = environment.get("PLAYWRIGHT_BROWSERS_PATH") or home / PLAYWRIGHT_FOLDER.get(
        platform, ".cache/ms-playwright"
    )
    for pattern in PLAYWRIGHT_PROGRAMS:  # the newest first
        yield from map(str, sorted(Path(own).glob(pattern), reverse=True))


def starts(path):
    """Tell whether a browser is there and starts: a library may be missing, and Ubuntu's
    ``chromium-browser`` may be a text that asks for a snap."""
    if not os.access(path, os.X_OK) or Path(path).is_dir():
        return False
    if sys.platform == "win32":  # there --version opens a window
        return True
    try:
        run = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def find(environment=os.environ, home=None, platform=sys.platform):
    """Return the path of a browser that starts, or None.

    Raises
    ------
    RuntimeError
        When ``CHROMIUM`` names something that is no browser.
    """
    if named := environment.get("CHROMIUM", "").strip():
        path = shutil.which(named, path=environment.get("PATH", ""))
        if path and starts(path):
            return path
        raise RuntimeError(
            f"CHROMIUM is {named!r}, which is no browser that starts. Correct it, or "
            "unset it to let the tests look for one."
        )
    return next(filter(starts, candidates(environment, home, platform)), None)


def needed():
    """Return the path of a browser.

    Raises
    ------
    RuntimeError
        When there is none; it says what to do.
    """
    if path := find():
        return path
    raise RuntimeError(WHAT_TO_DO)


def apt_calls(prefix=()):
    """The commands that install Debian's Chromium, as root or behind ``sudo -n``."""
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return [
        [*apt, "update", "-qq"],
        [*apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ]


def playwright_calls(*options):
    """The commands that let Playwright download its own Chromium for this user."""
    python = str(install.python())
    return [
        [sys.executable, "-m", "tools.install", "book"],
        [python, "-m", "pip", "install", "--quiet", install.pinned("playwright")],
        [python, "-m", "playwright", "install", *options, "chromium"],
    ]


def ways(is_root, has_apt, may_sudo):
    """Return the ways to get a browser on this machine, as ``(name, commands)``.

    As root (a container, a CI machine) Debian's package comes first: it brings the
    libraries that Playwright's copy lacks there. A user's machine is left as it is where
    Playwright's copy, which lives in the user's cache, will do.
    """
    if is_root and has_apt:
        return [
            ("Debian's Chromium", apt_calls()),
            ("Playwright's Chromium", playwright_calls("--with-deps")),
        ]
    found = [("Playwright's Chromium", playwright_calls())]
    if has_apt and may_sudo:
        found.append(("Debian's Chromium", apt_calls(("sudo", "-n"))))
    return found


def this_machine():
    """What :func:`ways` asks of a machine, of this one."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    has_apt = shutil.which("apt-get") is not None
    may_sudo = (
        not is_root
        and has_apt
        and shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    )
    return is_root, has_apt, may_sudo


def get():
    """Return the path of a browser, installing one where there is none.

    Raises
    ------
    RuntimeError
        When there is none and none is to be had; it says what to do.
    """
    if path := find():
        return path
    for name, commands in ways(*this_machine()):
        print(
            f"No browser is here. Getting {name}: {' '.join(commands[-1])}", flush=True
        )
        if all(run(command) for command in commands) and (path := find()):
            return path
    return needed()


def run(command):
    """Run one command from the repository's folder; tell whether it succeeded."""
    try:
        return subprocess.run(command, cwd=install.ROOT).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {get()}")
    except RuntimeError as error:
        raise SystemExit(str(error)) from None
