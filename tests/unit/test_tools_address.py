"""The repository's address stands in one place."""

import re
import shutil
import subprocess

import pytest

import d2lutils
from tools import address, generated, notebooks
from tools.notebooks import ROOT

NEW = "somebody-else/another.book"


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of every file that belongs to the book, in a repository of its own."""
    root = tmp_path_factory.mktemp("book")
    for path in address.texts(ROOT):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (root / "chapters").mkdir(exist_ok=True)
    example = generated.fill(notebooks.nbformat.v4.new_notebook(), EXAMPLE, ROOT)
    notebooks.write(root / "chapters" / EXAMPLE.name, example)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    address.sync(root)
    return root


EXAMPLE = ROOT / "chapters" / "98_example.ipynb"


def set_address(root, slug):
    """Edit the one place."""
    path = root / "_config.yml"
    old = address.slug(root)
    path.write_text(path.read_text().replace(f"url: https://github.com/{old}",
                                             f"url: https://github.com/{slug}"))  # fmt: skip
    return old


def holding(root, text):
    """Names of the files that hold the text."""
    return sorted(
        path.relative_to(root).as_posix()
        for path, content in address.texts(root).items()
        if text in content
    )


def test_one_change_changes_everything(copied):
    old = set_address(copied, NEW)
    before = set(holding(copied, old))
    assert "chapters/98_example.ipynb" in before
    changed = address.sync(copied)
    assert holding(copied, old) == []
    assert {p.relative_to(copied).as_posix() for p in changed} == before
    assert before <= set(holding(copied, NEW))
    assert address.sync(copied) == []


def test_and_back_again(copied):
    other = "a/b"
    set_address(copied, other)
    address.sync(copied)
    assert holding(copied, NEW) == []
    text = (copied / "chapters" / EXAMPLE.name).read_text()
    assert "git+https://github.com/a/b\\" in text
    assert "colab.research.google.com/github/a/b/blob/main/chapters/98_example" in text


def test_check_changes_nothing(copied):
    set_address(copied, "c/d")
    text = (copied / "chapters" / EXAMPLE.name).read_text()
    assert address.sync(copied, write=False)
    assert (copied / "chapters" / EXAMPLE.name).read_text() == text
    set_address(copied, "a/b")


def test_the_address_follows_everywhere_now():
    stale = [p.relative_to(ROOT).as_posix() for p in address.sync(ROOT, write=False)]
    assert not stale, (
        f"{stale} name another address than _config.yml; run `make refresh`"
    )


def test_other_repositories_stay(tmp_path):
    shutil.copy(ROOT / "_config.yml", tmp_path)
    here = address.slug(tmp_path)
    readme = tmp_path / "README.md"
    readme.write_text("git clone https://github.com/old/name.git\n"
                      "See https://github.com/d2l-ai/d2l-en and .../old/name-too.\n")  # fmt: skip
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert [p.name for p in address.sync(tmp_path)] == ["README.md"]
    assert readme.read_text() == (
        f"git clone https://github.com/{here}.git\n"
        "See https://github.com/d2l-ai/d2l-en and .../old/name-too.\n"
    )


def test_an_archive_without_git_will_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "README.md").write_text("git clone https://github.com/old/name\n")
    (tmp_path / "_build").mkdir()
    (tmp_path / "_build" / "README.md").write_text("old/name")
    assert [p.name for p in address.sync(tmp_path)] == ["README.md"]


@pytest.mark.parametrize(
    "url",
    ["", "https://github.com/a", "https://github.com/a/b/", "http://github.com/a/b",
     "git@github.com:a/b", "https://github.com/a/b.git"],
)  # fmt: skip
def test_bad_addresses(tmp_path, url):
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: '{url}'\n")
    with pytest.raises(SystemExit, match="must look like https"):
        address.address(tmp_path)


def test_no_repository_section(tmp_path):
    (tmp_path / "_config.yml").write_text("title: x\n")
    with pytest.raises(SystemExit, match="must look like"):
        address.address(tmp_path)


def test_branch_is_followed(tmp_path):
    (tmp_path / "_config.yml").write_text(
        "repository:\n  url: https://github.com/a/b\n  branch: trunk\n"
    )
    path = tmp_path / "chapters" / "x.ipynb"
    assert "/a/b/blob/trunk/chapters/x.ipynb" in address.colab(path, tmp_path)
    page = tmp_path / "book" / "x.ipynb"
    assert address.download(page, tmp_path).endswith("/a/b/raw/trunk/book/x.ipynb")


def test_the_version_is_one():
    package = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M
    )
    cited = re.search(r"^version: (.+)", (ROOT / "CITATION.cff").read_text(), re.M)
    assert package[1] == cited[1] == d2lutils.__version__
