"""Make .venv and install into it what the work at hand needs.

    python -m tools.install book    what builds the pages: a few hundred MB, no PyTorch
    python -m tools.install         everything in requirements.txt

Nothing happens where that was done already, for these very requirements, in this very
folder. ``TORCH=cpu`` in the environment takes PyTorch's small build for machines
without a GPU; later calls stay with it. Standard library only: it runs before anything
is installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDS = (3, 11)
PARTS = ("book", "all")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
BUILDS = ("torch", "torchvision")  # must come from one index


def sections(text):
    """Return the requirements of each section of requirements.txt: name -> lines."""
    found, name = {}, None
    for line in text.splitlines():
        if heading := re.match(r"# \[(\w+)\]", line):
            name = heading[1]
            found[name] = []
        elif name and line.strip() and not line.startswith("#"):
            found[name].append(line.strip())
    return found


def wanted(part, root=ROOT):
    """Return the pinned requirements of a part: ``"book"``, or ``"all"`` of them.

    Raises
    ------
    ValueError
        When there is no such part.
    """
    if part not in PARTS:
        raise ValueError(f"No part {part!r}; choose {' or '.join(PARTS)}.")
    found = sections((root / "requirements.txt").read_text("utf-8"))
    return found["book"] if part == "book" else [r for s in found.values() for r in s]


def pinned(name, root=ROOT):
    """Return the requirement of one package, such as ``"playwright==1.65.2"``."""
    return next(r for r in wanted("all", root) if r.split("==")[0] == name)


def python(root=ROOT):
    """Return the path of .venv's interpreter, which may not be there yet."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return root / ".venv" / folder / "python"


def prefix(root=ROOT):
    """Where .venv's interpreter says it stands, with its version; "" if it is broken."""
    code = "import pip, sys; print(sys.prefix, *sys.version_info[:2])"
    try:
        run = subprocess.run([python(root), "-c", code], capture_output=True, text=True)
    except OSError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def has_cpu_torch(root=ROOT):
    """Tell whether .venv holds PyTorch's build without CUDA (True), with (False), or
    none at all (None)."""
    libraries = [*root.glob(".venv/lib/python*/site-packages"), root / ".venv/Lib"]
    builds = [p.name for lib in libraries for p in lib.glob("torch-*.dist-info")]
    return any("+cpu" in name for name in builds) if builds else None


def stamp_text(part, root=ROOT):
    """What the stamp of a complete installation says: where it stands, and of what."""
    requirements = "\n".join(wanted(part, root))
    pyproject = (root / "pyproject.toml").read_text("utf-8")
    digest = hashlib.sha256(f"{requirements}\n{pyproject}".encode()).hexdigest()
    return f"{prefix(root)}\n{digest}\n"


def stamp(part, root=ROOT):
    """Return the path of a part's stamp."""
    return root / ".venv" / f".installed-{part}"


def is_installed(part, root=ROOT):
    """Tell whether a part is there, complete, as requirements.txt asks for it today."""
    file = stamp(part, root)
    return file.is_file() and file.read_text("utf-8") == stamp_text(part, root)


def make_venv(root=ROOT):
    """Create .venv where there is none that works (a moved folder breaks one).

    Raises
    ------
    SystemExit
        When this Python is too old, or no environment can be made.
    """
    here = prefix(root)
    stamped = [s.read_text("utf-8") for p in PARTS if (s := stamp(p, root)).is_file()]
    if here and all(text.splitlines()[0] == here for text in stamped):
        return
    if sys.version_info < NEEDS:
        raise SystemExit(
            f"The book needs Python {NEEDS[0]}.{NEEDS[1]} or newer; {sys.executable} is "
            f"{sys.version.split()[0]}. With make, say PYTHON=/path/to/python3.11"
        )
    if (root / ".venv").exists():
        print("The environment .venv was moved or is broken: it is made anew.")
        shutil.rmtree(root / ".venv")
    if subprocess.run([sys.executable, "-m", "venv", root / ".venv"]).returncode:
        shutil.rmtree(root / ".venv", ignore_errors=True)
        raise SystemExit(
            "No virtual environment could be made. On Debian or Ubuntu: "
            "apt-get install python3-venv"
        )


def pip_calls(part, build="", root=ROOT):
    """Return the arguments of pip's calls that install a part, in order."""
    if part == "book":  # the package itself, without what only the notebooks need
        return [wanted("book", root), ["--no-deps", "-e", "."]]
    calls = [["-e", ".", *wanted("all", root)]]
    if build == "cpu":
        both = [pinned(name, root) for name in BUILDS]
        calls.insert(0, ["--no-deps", "--index-url", CPU_INDEX, *both])
    return calls


def build_to_take(asked, has_cpu, platform=sys.platform):
    """Return "cpu" for PyTorch's own index, "" for PyPI.

    Raises
    ------
    SystemExit
        When ``TORCH`` asks for what can't be.
    """
    if asked not in ("", "cpu"):
        raise SystemExit(f"TORCH is {asked!r}; leave it out, or say TORCH=cpu.")
    if platform != "linux":  # elsewhere PyPI's own build is the small one
        return ""
    if asked == "cpu" and has_cpu is False:
        raise SystemExit(
            "TORCH=cpu: .venv already holds PyTorch with CUDA. Say `make distclean` first."
        )
    return "cpu" if asked == "cpu" or has_cpu else ""


def install(part, root=ROOT):
    """Install a part where it is not there yet.

    Raises
    ------
    SystemExit
        With one sentence, when it can't be done.
    """
    asked = os.environ.get("TORCH", "").strip().lower()
    build = build_to_take(asked, has_cpu_torch(root)) if part == "all" else ""
    if is_installed(part, root):
        return
    make_venv(root)
    print(
        "Installing what builds the book (README says how much) ..."
        if part == "book"
        else "Installing everything, PyTorch included (README says how much) ...",
        flush=True,
    )
    for arguments in pip_calls(part, build, root):
        command = [python(root), "-m", "pip", "install", "--quiet", *arguments]
        if subprocess.run(command, cwd=root).returncode:
            raise SystemExit(
                "pip could not install it (its message is above). The same command "
                "goes on where it stopped."
            )
    for done in PARTS if part == "all" else [part]:
        stamp(done, root).write_text(stamp_text(done, root), "utf-8")


if __name__ == "__main__":
    install(sys.argv[1] if len(sys.argv) > 1 else "all")
