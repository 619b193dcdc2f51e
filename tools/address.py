"""The repository's address: it stands in _config.yml, and everything else follows it.

python -m tools.address            write it wherever it appears (notebooks, README, ...)
python -m tools.address --check    only say what is out of date
"""

import argparse
import re
import subprocess
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


SLUG = r"https://github\.com/([\w.-]+/[\w-]+(?:\.(?!git\b)[\w-]+)*)"
ITSELF = (
    ("*.ipynb", r"pip install .*git\+"),
    ("README.md", r"(?:pip install .*git\+|git clone )"),
    ("CITATION.cff", r"^(?:repository-code|url): *[\"']?"),
    ("pyproject.toml", r"^(?:Repository|Source|Homepage) *= *[\"']"),
)


def config(root=ROOT):
    """The repository section of _config.yml: url and branch."""
    path = Path(root, "_config.yml")
    section = yaml.safe_load(path.read_text(encoding="utf-8")).get("repository") or {}
    url = section.get("url") or ""
    wanted = re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", url)
    if not wanted or url.endswith(".git"):
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


def place(path):
    """Where a notebook lies in the repository: chapters/NAME or book/NAME."""
    folder = "book" if path.parent.name == "book" else "chapters"
    return f"{folder}/{path.name}"


def colab(path, root=ROOT):
    """Where Colab opens the notebook."""
    branch = config(root).get("branch", "main")
    start = "https://colab.research.google.com/github"
    return f"{start}/{slug(root)}/blob/{branch}/{place(path)}"


def download(path, root=ROOT):
    """Where the notebook can be downloaded."""
    return f"{address(root)}/raw/{config(root).get('branch', 'main')}/{place(path)}"


def files(root=ROOT):
    """The files that belong to the book: what git lists, or what is not built or hidden."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # a downloaded archive
        found = [path for path in Path(root).rglob("*") if path.is_file()]
        return [p for p in found if p.relative_to(root).parts[0][0] not in "._"]
    return [Path(root, name) for name in done.stdout.splitlines()]


def texts(root=ROOT):
    """{path: text} of every text file that belongs to the book."""
    found = {}
    for path in files(root):
        try:
            found[path] = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or deleted but not yet committed
    return found


def former(contents, root=ROOT):
    """Addresses (OWNER/NAME) that stand where the book's own should, in {path: text}.

    Where the book names itself: the notebooks' and README's install line, the citation
    file, the package's metadata.
    """
    found = set()
    for path, text in contents.items():
        name = path.relative_to(root).as_posix()
        for file, pattern in ITSELF:
            if path.match(file) and "/tests/" not in f"/{name}":
                found |= set(re.findall(pattern + SLUG, text, re.M))
    return found - {slug(root)}


def sync(root=ROOT, write=True):
    """Carry the address to every file; returns the files that had another one.

    Notebooks get new setup and card cells; in every other text file the former address is
    replaced. Stored outputs stay: no notebook has to run again.
    """
    from tools import generated, notebooks

    contents = texts(root)
    old, changed = former(contents, root), []
    for path, text in contents.items():
        new = text
        if path.suffix == ".ipynb" and path.parent.name in ("chapters", "book"):
            nb = notebooks.read(path)
            before = notebooks.dumps(nb)
            after = notebooks.dumps(generated.refill(nb, path, root))
            new = after if after != before else text
        for name in old:
            new = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", slug(root), new)
        if new != text:
            changed.append(path)
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
        print(
            f"{path.relative_to(ROOT)}: {'has another address' if check else 'mended'}"
        )
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
