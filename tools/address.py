"""The repository's address: it stands in _config.yml, and everything else follows it."""

import re
import subprocess
from pathlib import Path

import yaml

from tools.notebooks import ROOT, replace

SLUG = r"https://github\.com/([\w.-]+/[\w-]+(?:\.(?!git\b)[\w-]+)*)"
# Where the book names itself: (files, what stands before the address).
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
    """Write the address into every text file that holds a former one; returns those files."""
    contents = texts(root)
    old, changed = former(contents, root), []
    for path, text in contents.items():
        new = text
        for name in old:
            new = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", slug(root), new)
        if new != text:
            changed.append(path)
            if write:
                replace(path, new)
    return changed
