"""Every work in book/references.bib is cited, and can be found by an address.

python -m tools.references          list what is wrong

``awaits = {25}`` in an entry means that chapter 25 will cite it. It may then stand there
uncited (the bibliography shows only what is cited) until that chapter exists.
"""

import argparse
import re
import sys
from pathlib import Path

from pybtex.database import parse_string

from tools import texts
from tools.contract_text import CITE
from tools.notebooks import ROOT

FILE = Path(ROOT, "book", "references.bib")
FORMS = {
    "doi": r"10\.\d{4,9}/\S+",
    "eprint": r"\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7}",
    "url": r"https?://\S+",
}


def entries(text):
    """{key: {field: text}} of a BibTeX file. A broken or repeated entry raises PybtexError."""
    parsed = parse_string(text, "bibtex").entries
    return {
        key: {name.lower(): value for name, value in entry.fields.items()}
        for key, entry in parsed.items()
    }


def cited(root=ROOT):
    """{key: name of the first page that cites it}."""
    found = {}
    for path in texts.all_pages(root):
        for _, text in texts.of(path):
            for group in CITE.findall(text):
                for key in group.split(","):
                    found.setdefault(key.strip(), path.name)
    return found


def awaited(fields):
    """The numbers of the chapters that an entry waits for."""
    return {int(number) for number in re.findall(r"\d+", fields.get("awaits", ""))}


def address_problems(fields):
    """What is wrong with an entry's DOI, arXiv id, ISBN and URL, as sentences."""
    if not {"doi", "eprint", "isbn", "url"} & set(fields):
        yield "has no doi, eprint (arXiv id), isbn or url"
    for name, form in FORMS.items():
        if name in fields and not re.fullmatch(form, fields[name]):
            yield f"has {fields[name]!r} as {name}, which is none"
    if "eprint" in fields and fields.get("archiveprefix", "").lower() != "arxiv":
        yield "has an eprint, but not archiveprefix = {arXiv}"
    if "isbn" in fields and not is_isbn(fields["isbn"]):
        yield f"has an ISBN whose digits do not add up: {fields['isbn']}"


def is_isbn(text):
    """Whether a 13-digit ISBN's last digit fits the others."""
    digits = text.replace("-", "")
    if not re.fullmatch(r"97[89]\d{10}", digits):
        return False
    return sum(int(d) * (1, 3)[k % 2] for k, d in enumerate(digits)) % 10 == 0


def problems(bibliography, citations, existing):
    """What is wrong, as sentences.

    bibliography: {key: fields}; citations: {key: page}; existing: the chapters' numbers
    """
    for key, fields in bibliography.items():
        for sentence in address_problems(fields):
            yield f"{key} {sentence}"
        waits = awaited(fields)
        if key in citations and waits:
            yield f"{key} is cited in {citations[key]}; take out what it awaits"
        elif key not in citations and not (waits and waits.isdisjoint(existing)):
            yield (
                f"{key} is cited nowhere; cite it where the text speaks of it, or take "
                "it out"
            )
    for key in sorted(set(citations) - set(bibliography)):
        yield f"{citations[key]} cites {key}, which references.bib lacks"


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args(arguments)
    bibliography = entries(FILE.read_text(encoding="utf-8"))
    found = list(problems(bibliography, cited(), texts.chapter_files()))
    print("\n".join(found) if found else f"{len(bibliography)} works, all in order.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
