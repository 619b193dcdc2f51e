"""The repository's address: it stands in _config.yml, and everything else follows it.

python -m tools.address            write it wherever it appears (notebooks, README, ...)
python -m tools.address --check    only say what is out of date
"""

import argparse
import re
import sys
from pathlib import Path

import yaml

from tools.notebooks import ROOT

FOLLOWERS = (
    "README.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "pyproject.toml",
    "book/*.md",
)


def config(root=ROOT):
    """The repository section of _config.yml: url and branch."""
    path = Path(root, "_config.yml")
    section = yaml.safe_load(path.read_text(encoding="utf-8")).get("repository") or {}
    if not re.fullmatch(
        r"https://github\.com/[\w.-]+/[\w.-]+", section.get("url") or ""
    ):
        raise SystemExit(
            f"{path}: repository.url must look like https://github.com/OWNER/NAME "
            f"(without .git, without a slash at the end), not {section.get('url')!r}"
        )
    return section


def address(root=ROOT):
    """The repository's address, https://github.com/OWNER/NAME."""
    return config(root)["url"]


def slug(root=ROOT):
    """OWNER/NAME."""
    return address(root).removeprefix("https://github.com/")


def colab(name, root=ROOT):
    """Where Colab opens the chapter with this file name."""
    branch = config(root).get("branch", "main")
    return f"https://colab.research.google.com/github/{slug(root)}/blob/{branch}/chapters/{name}"


def download(name, root=ROOT):
    """Where the chapter with this file name can be downloaded."""
    return f"{address(root)}/raw/{config(root).get('branch', 'main')}/chapters/{name}"


def tracked(root=ROOT):
    """The text files of the book that may hold the address, as paths."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"]
    try:
        names = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [p for p in Path(root).rglob("*") if p.is_file() and readable(p, root)]
    paths = [Path(root, name) for name in names.stdout.splitlines()]
    return [path for path in paths if path.is_file() and readable(path, root)]


def readable(path, root):
    """Whether a file is one whose text may hold the address."""
    hidden = any(part.startswith((".", "_b")) for part in path.relative_to(root).parts)
    return path.suffix in TEXT and not hidden


def previous(root=ROOT):
    """Other addresses under which this book's files are still named, as OWNER/NAME.

    An old address is recognised where the generated cells and the project's metadata have
    it: the install line, the Colab and download links, `Repository = "..."` and the like.
    """
    found = set()
    for path in tracked(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern in OURS:
            found |= {m.removesuffix(".git") for m in re.findall(pattern, text, re.M)}
    return found - {slug(root)}


def sync(root=ROOT, write=True):
    """Carry the address to every file; returns the files that had another one.

    Notebooks get new setup and card cells; in every other text file the former address is
    replaced. Stored outputs stay: no notebook has to run again.
    """
    from tools import generated, notebooks

    changed, old = [], previous(root)
    for path in tracked(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        new = text
        if path.name != "_config.yml":
            for name in old:
                new = re.sub(rf"{re.escape(name)}(?![\w-])", slug(root), new)
        if new != text:
            changed.append(path)
            if write:
                notebooks.replace(path, new)
    for path in notebooks.chapters(root) + notebooks.pages(root):
        nb = notebooks.read(path)
        text = notebooks.dumps(nb)
        new = notebooks.dumps(generated.refill(nb, path.name, root))
        if new != text:
            changed += [path] if path not in changed else []
            if write:
                notebooks.replace(path, new)
    return changed


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    changed = sync(write=not check)
    for path in changed:
        print(f"{path.relative_to(ROOT)}: {'has another address' if check else 'mended'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
