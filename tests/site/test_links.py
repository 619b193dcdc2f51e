"""Links, buttons and the table of contents of the built book."""

import re
from pathlib import Path

import pytest
import yaml

from tests.site import checks

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))


def fail_with(complaints):
    if complaints:
        pytest.fail("\n  ".join(["", *complaints]), pytrace=False)


def toc_files(toc=TOC):
    """The pages of the table of contents in reading order."""
    return [toc["root"], *(c["file"] for p in toc["parts"] for c in p["chapters"])]


def source_of(name, root=ROOT):
    """The file that a page of the table of contents is made from, or None."""
    found = [root / f"{name}{kind}" for kind in (".ipynb", ".md")]
    return next((path for path in found if path.exists()), None)


def test_no_link_leads_nowhere(site):
    fail_with(checks.broken_links(site))


def test_nothing_is_fetched_from_another_host(site):
    fail_with(checks.other_hosts(site))


def test_the_first_page_leads_to_the_landing_page(site):
    text = (site / "index.html").read_text(encoding="utf8")
    target = re.search(r'url=([^"]+)"', text)
    assert target, "index.html does not forward to the landing page"
    assert (site / target[1]).exists()


def test_every_page_of_the_table_of_contents_is_built(site):
    for name in toc_files():
        assert source_of(name), f"_toc.yml lists {name}, which does not exist"
        assert (site / f"{name}.html").exists(), f"{name} was not built: make book"


def test_every_chapter_is_in_the_table_of_contents_in_order():
    chapters = sorted(p.stem for p in (ROOT / "chapters").glob("[0-9][0-9]_*.ipynb"))
    listed = [Path(f).name for f in toc_files() if f.startswith("chapters/")]
    assert listed == chapters, "_toc.yml must list chapters/ in reading order"


def test_a_chapter_has_the_number_of_its_file(site):
    for name in toc_files():
        if not name.startswith("chapters/"):
            continue
        text = (site / f"{name}.html").read_text(encoding="utf8")
        number = re.search(r'<h1><span class="section-number">(\d+)\.', text)
        assert number, f"{name} has no chapter number"
        assert int(number[1]) == int(Path(name).name[:2]), (
            f"{name} is numbered {number[1]}"
        )


def test_notebooks_have_their_buttons(site):
    repository = CONFIG["repository"]
    bad = []
    for name in toc_files():
        source = source_of(name)
        if source and source.suffix == ".ipynb" and name.startswith("chapters/"):
            html = (site / f"{name}.html").read_text(encoding="utf8")
            where = source.relative_to(ROOT).as_posix()
            found = checks.buttons(html, repository["url"], repository["branch"], where)
            bad += [f"{name}: {complaint}" for complaint in found]
    fail_with(bad)


def test_folded_solutions_say_what_they_hide(site):
    for page in (site / "chapters").glob("*.html"):
        text = page.read_text(encoding="utf8")
        if "tag_solution" in text:
            assert "Show the solution" in text, f"{page.name}: a solution is not folded"
