"""What is installed for what, when again, and that the pages need no PyTorch."""

import importlib.metadata
import re
import subprocess
import sys

import pytest

from tools import install

BUILDS_PAGES = {
    re.sub("[-_.]+", "_", r.split("==")[0]).lower() for r in install.wanted("book")
}
# Refuses everything that only [run] and [test] install, then does what a build does.
BUILD = """
import importlib, sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in REFUSED:
            raise ImportError(f"{name} is not there when the pages are built")

sys.meta_path.insert(0, Refuse())
sys.path.insert(0, "book/_ext")
for file in Path("book/_ext").glob("*.py"):
    importlib.import_module(file.stem)
import house
box = '<div class="d2l-box"><script type="text/plain" data-code="a">b</script></div>'
context = {"body": box + box}
house.share_sources(None, "page", "page.html", context, None)
assert context["body"].count("<script") == 1, context
"""


@pytest.fixture
def room(tmp_path):
    """A folder with the two files that say what is to be installed."""
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_bytes((install.ROOT / name).read_bytes())
    return tmp_path


def installed_only_by_run_and_test():
    """Names to import of what the notebooks and tests need and the pages don't."""
    packages = importlib.metadata.packages_distributions()
    later = {r.split("==")[0].lower() for r in install.wanted("all")}
    later -= {r.split("==")[0].lower() for r in install.wanted("book")}
    return {n for n, of in packages.items() if later & {d.lower() for d in of}}


def test_the_pages_are_built_without_pytorch():
    refused = installed_only_by_run_and_test()
    assert {"torch", "numpy", "matplotlib", "PIL", "anywidget", "pytest"} <= refused
    run = subprocess.run(
        [sys.executable, "-c", f"REFUSED = {refused!r}\n{BUILD}"],
        cwd=install.ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]


def test_every_requirement_is_in_one_section_and_pinned():
    text = (install.ROOT / "requirements.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z]", line)]
    assert sorted(lines) == sorted(install.wanted("all"))
    assert all("==" in line for line in lines)
    assert not {"torch", "matplotlib", "pytest"} & BUILDS_PAGES
    assert {"jupyter_book", "sphinx", "sphinx_mathjax_offline"} <= BUILDS_PAGES


def test_what_is_installed_here_is_what_the_pins_say():
    """Else a pin nobody has tried would be what readers' machines get."""
    for requirement in install.wanted("all"):
        name, version = requirement.split("==")
        installed = importlib.metadata.version(name).split("+")[0]
        assert installed == version, f"{name}: installed {installed}, pinned {version}"


def test_unknown_part():
    with pytest.raises(ValueError, match="choose book or all"):
        install.wanted("pages")


def test_the_book_comes_without_dependencies_of_the_package():
    pins, package = install.pip_calls("book")
    assert package == ["--no-deps", "-e", "."] and not any("torch" in p for p in pins)


def test_the_small_build_comes_from_one_index_and_first():
    both, rest = install.pip_calls("all", "cpu")
    assert both[:3] == ["--no-deps", "--index-url", install.CPU_INDEX]
    assert [r.split("==")[0] for r in both[3:]] == ["torch", "torchvision"]
    assert rest == install.pip_calls("all")[0] and set(both[3:]) < set(rest)


@pytest.mark.parametrize(
    ("asked", "has_cpu", "platform", "build"),
    [
        ("", None, "linux", ""),
        ("cpu", None, "linux", "cpu"),
        ("", True, "linux", "cpu"),  # later calls stay with it
        ("", False, "linux", ""),
        ("cpu", None, "darwin", ""),
        ("cpu", False, "win32", ""),
    ],
)
def test_which_build_of_pytorch(asked, has_cpu, platform, build):
    assert install.build_to_take(asked, has_cpu, platform) == build


def test_builds_that_cannot_be():
    with pytest.raises(SystemExit, match="make distclean"):
        install.build_to_take("cpu", False, "linux")
    with pytest.raises(SystemExit, match="TORCH=cpu"):
        install.build_to_take("rocm", None, "linux")


@pytest.mark.parametrize(
    ("version", "is_cpu"), [("2.15.0", False), ("2.15.0+cpu", True)]
)
def test_has_cpu_torch(room, version, is_cpu):
    assert install.has_cpu_torch(room) is None
    library = room / ".venv" / "lib" / "python3.11" / "site-packages"
    (library / f"torch-{version}.dist-info").mkdir(parents=True)
    assert install.has_cpu_torch(room) is is_cpu


@pytest.fixture
def environment(room, monkeypatch):
    """A room whose .venv is real and in which pip only notes what it was asked for."""
    calls = []
    real = subprocess.run

    def run(command, **options):
        if "venv" in command:  # quick: without the real pip
            done = real([*command, "--without-pip"], **options)
            library = next(command[-1].glob("lib/python*/site-packages"))
            (library / "pip.py").touch()
            return done
        if "pip" not in command:
            return real(command, **options)
        calls.append(command[command.index("--quiet") + 1 :])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(install.subprocess, "run", run)
    monkeypatch.delenv("TORCH", raising=False)
    install.install("book", room)
    assert len(calls) == 2
    calls.clear()
    return room, calls


def test_installed_once_and_again_when_the_pins_change(environment):
    room, calls = environment
    install.install("book", room)
    assert calls == []
    install.install("all", room)
    assert len(calls) == 1
    install.install("all", room)
    assert len(calls) == 1
    file = room / "requirements.txt"
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"torchinfo==.*", "torchinfo==0.1", text), "utf-8")
    install.install("book", room)  # torchinfo is none of the pages' business
    assert len(calls) == 1
    install.install("all", room)
    assert len(calls) == 2 and "torchinfo==0.1" in calls[1]
    file.write_text(re.sub(r"sphinx==.*", "sphinx==7.0", text), "utf-8")
    install.install("book", room)
    assert len(calls) == 4


def test_everything_includes_the_book(environment):
    room, calls = environment
    install.stamp("book", room).unlink()
    install.install("all", room)
    install.install("book", room)
    assert len(calls) == 1


def test_a_failed_installation_leaves_no_stamp(environment, monkeypatch):
    room, _ = environment
    run = install.subprocess.run

    def fail(command, **options):
        failed = subprocess.CompletedProcess(command, 1)
        return failed if "pip" in command else run(command, **options)

    monkeypatch.setattr(install.subprocess, "run", fail)
    with pytest.raises(SystemExit, match="goes on where it stopped"):
        install.install("all", room)
    assert not install.is_installed("all", room) and install.is_installed("book", room)


def test_a_moved_or_broken_environment_is_made_anew(environment, capsys):
    room, calls = environment
    moved = room.rename(room.with_name("moved"))
    install.install("book", moved)
    assert len(calls) == 2 and "made anew" in capsys.readouterr().out
    assert install.is_installed("book", moved)
    install.python(moved).unlink()
    install.install("book", moved)
    assert len(calls) == 4 and install.prefix(moved)


def test_an_old_python_is_refused(room, monkeypatch):
    monkeypatch.setattr(install.sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"3\.11 or newer.*PYTHON="):
        install.make_venv(room)


def test_make_help_lists_every_target():
    text = (install.ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"\.PHONY: ((?:.*\\\n)*.*)", text)[1].replace("\\\n", " ").split()
    targets = re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE)
    assert sorted(phony) == sorted(targets)
    told = subprocess.run(
        ["make", "help"], cwd=install.ROOT, capture_output=True, text=True
    ).stdout
    assert re.findall(r"make ([\w-]+) ", told) == targets
