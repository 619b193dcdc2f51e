"""The repository's address stands in one place; without one, nothing leads anywhere."""

import re
import shutil

import pytest
import yaml

import d2lutils
from tools import address, blocks, generated, notebooks
from tools.notebooks import ROOT

URL = "https://github.com/somebody-else/another.book"
FOREIGN = re.compile(r"git\+http|git clone http|colab\.research\.google\.com/github/")


@pytest.fixture
def book(tmp_path):
    """A folder with _config.yml, plan and hand-written pages; set(url) sets its address."""
    for name in ("_config.yml", "README.md", "CITATION.cff", "_toc.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "book").mkdir()
    for name in ("plan.yml", "how_to_use.md"):
        shutil.copy(ROOT / "book" / name, tmp_path / "book" / name)
    (tmp_path / "chapters").symlink_to(ROOT / "chapters")
    return tmp_path


def written(root):
    """All text that follows the address: the pages, and a chapter's generated cells."""
    pages = {path.name: text for path, text in blocks.text_pages(root).items()}
    path = root / "chapters" / "98_example.ipynb"
    nb = generated.fill(notebooks.nbformat.v4.new_notebook(), path, root)
    nb.metadata["d2l"] = {
        "seconds": 3, "cores": 2, "memory_mb": 900, "data": {}, "torch": "2.9",
    }  # fmt: skip
    generated.refill(nb, path, root)
    return pages | {"cells": "\n".join(cell.source for cell in nb.cells)}


def test_without_an_address_nothing_installs_or_leads_anywhere(book):
    address.put("", book)
    for name, text in written(book).items():
        assert not FOREIGN.search(text), name
    assert "url:" not in written(book)["CITATION.cff"]


def test_the_whole_book_holds_no_address_that_it_does_not_have():
    if address.is_set():
        pytest.skip("the book has an address")
    for path in [*ROOT.glob("*.*"), *ROOT.glob("book/*"), *ROOT.glob("chapters/*")]:
        if path.suffix in {".md", ".ipynb", ".cff", ".toml", ".yml"}:
            found = FOREIGN.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_with_one_all_of_it_is_there(book):
    address.put(URL, book)
    text = written(book)
    assert f'pip install "git+{URL}"' in text["README.md"]
    assert f"git clone {URL}\ncd another.book" in text["how_to_use.md"]
    assert yaml.safe_load(text["CITATION.cff"])["url"] == URL
    assert f'%pip install -q "git+{URL}"' in text["cells"]
    colab = (
        "https://colab.research.google.com/github/somebody-else/another.book/blob/main"
    )
    assert f"({colab}/chapters/98_example.ipynb)" in text["cells"]


def test_and_it_can_be_taken_out_again(book):
    before = (book / "_config.yml").read_text()
    address.put(URL, book)
    assert address.is_set(book) and address.address(book) == URL
    address.put("", book)
    assert (book / "_config.yml").read_text() == before.replace(f'"{URL}"', '""')
    assert not address.is_set(book)
    with pytest.raises(SystemExit, match="make address"):
        address.address(book)


@pytest.mark.parametrize("url", [URL, ""])
def test_the_setup_cell_works_or_says_what_to_do(book, url, monkeypatch, capsys):
    address.put(url, book)
    source = generated.setup_source(book)
    ran = []
    code = re.sub(r"^( *)%pip (.*)$", r"\1ran.append('''\2''')", source, flags=re.M)
    exec(code, {"ran": ran})  # the helpers are there
    assert not ran

    def missing(name, *rest, real=__import__, **kwargs):
        if name == "d2lutils" and not ran:
            raise ModuleNotFoundError("No module named 'd2lutils'")
        return real(name, *rest, **kwargs)

    monkeypatch.setattr("builtins.__import__", missing)
    if url:
        exec(code, {"ran": ran})
        assert ran == [f'install -q "git+{URL}"']
    else:
        with pytest.raises(ModuleNotFoundError):
            exec(code, {"ran": ran})
        assert "pip install -e ." in capsys.readouterr().out


@pytest.mark.parametrize(
    "url",
    ["https://github.com/a", "https://github.com/a/b/", "http://github.com/a/b",
     "git@github.com:a/b", "https://github.com/a/b.git", "https://github.com/a/b\nurl: x",
     'https://github.com/a/b" #'],
)  # fmt: skip
def test_bad_addresses(book, url):
    before = (book / "_config.yml").read_text()
    with pytest.raises(SystemExit, match="must look like https"):
        address.put(url, book)
    assert (book / "_config.yml").read_text() == before
    (book / "_config.yml").write_text(yaml.safe_dump({"repository": {"url": url}}))
    with pytest.raises(SystemExit, match="must look like https"):
        address.is_set(book)


def test_no_repository_section(tmp_path):
    (tmp_path / "_config.yml").write_text("title: x\n")
    assert not address.is_set(tmp_path)
    with pytest.raises(SystemExit, match="no section repository"):
        address.put(URL, tmp_path)


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
