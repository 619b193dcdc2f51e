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
