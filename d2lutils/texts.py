"""Real texts for the chapters on language: a novel, family names, sentences in two languages.

What a loader cannot find it replaces as those of :mod:`d2lutils.data` do: by a real text
out of an installed package, with one visible line that says so, and ``stand_in`` True.
Everything is read as UTF-8, whatever the machine's locale.
"""

import csv
import gzip
import zipfile
from dataclasses import dataclass, replace

from d2lutils import data_files
from d2lutils.data import _announce, _used
from d2lutils.data_registry import SETS


@dataclass(frozen=True)
class Text:
    """A text in one piece: ``text`` is a str."""

    text: str
    source: str
    stand_in: bool = False

    def __repr__(self):
        return f"{self.source}: {len(self.text):,} characters"


@dataclass(frozen=True)
class Names:
    """Names with their languages.

    Attributes
    ----------
    train, test : (list of str, list of int)
        Names, and for each the number of its language in ``classes``.
    classes : list of str
        Languages, in alphabetical order.
    """

    train: tuple
    test: tuple
    classes: list
    source: str
    stand_in: bool = False

    def __repr__(self):
        return (
            f"{self.source}: {len(self.train[0]):,} names to train on, "
            f"{len(self.test[0]):,} to test on, {len(self.classes)} languages"
        )


@dataclass(frozen=True)
class SentencePairs:
    """``english[i]`` and ``french[i]`` say the same; short sentences come first."""

    english: list
    french: list
    source: str
    stand_in: bool = False

    def __len__(self):
        return len(self.english)

    def __repr__(self):
        return f"{self.source}: {len(self):,} pairs"


def time_machine():
    """Load *The Time Machine* (H. G. Wells 1895), as it stands: 178,979 characters.

    Returns
    -------
    Text
        The stand-in, the standard library's help on Python, is longer and no novel.

    Raises
    ------
    ValueError
        When the file in ``D2L_DATA`` is damaged.
    """
    return _real_or("time_machine", _novel, _help_on_python)


def family_names():
    """Load family names in 18 languages: 13,374 to train on, 6,700 to test on.

    Returns
    -------
    Names
        In the files' own order, by language: shuffle before you train.

    Raises
    ------
    ValueError
        When a file in ``D2L_DATA`` is damaged.
    """
    return _real_or("names", _from_csv, _names_of_places)


def sentence_pairs(n=None):
    """Load English sentences with their French translations (tatoeba.org).

    Parameters
    ----------
    n : int, optional
        How many of the 167,130 pairs to keep, from the front: the file is sorted by the
        length of the English sentence.

    Returns
    -------
    SentencePairs

    Raises
    ------
    ValueError
        When ``n`` is not positive, or the file in ``D2L_DATA`` is damaged.
    """
    if n is not None and n < 1:
        raise ValueError(f"sentence_pairs() needs n of at least 1, got {n}.")
    pairs = _real_or("fra_eng", _from_zip, _translated_names)
    return replace(pairs, english=pairs.english[:n], french=pairs.french[:n])


def _real_or(name, read, stand_in):
    """``read(path)`` of a data set, or ``stand_in(error)`` where it can't be had."""
    try:
        path = data_files.locate(name)
    except data_files.DataUnavailable as error:
        return stand_in(error)
    _used[name] = (SETS[name].megabytes, False)
    return read(path)


def _novel(path):
    return Text(path.read_text(encoding="utf-8"), "The Time Machine")


def _from_csv(folder):
    parts = [_rows(folder / f"names_{part}.csv.gz") for part in ("train", "test")]
    return _numbered(*parts, source="family names")


def _from_zip(path):
    with zipfile.ZipFile(path) as packed:
        lines = packed.read("fra-eng/fra.txt").decode("utf-8").splitlines()
    columns = [line.split("\t")[:2] for line in lines]
    english, french = map(list, zip(*columns, strict=True))
    return SentencePairs(english, french, "English–French sentences")


def _rows(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _numbered(train, test, **rest):
    """Rows (name, language) as :class:`Names`."""
    classes = sorted({language for _, language in train})
    number = {language: i for i, language in enumerate(classes)}
    parts = [
        ([name for name, _ in rows], [number[language] for _, language in rows])
        for rows in (train, test)
    ]
    return Names(*parts, classes, **rest)


def _help_on_python(error):
    """Stand in for the novel: the texts behind Python's ``help()``."""
    from pydoc_data.topics import topics

    _announce("time_machine", "the standard library's help on Python", error)
    text = "\n\n".join(topics[name] for name in sorted(topics))
    return Text(text, "Python's help", stand_in=True)


# Languages of Babel that are written in Latin letters, as many as the real names have.
_LANGUAGES = {
    "Croatian": "hr", "Czech": "cs", "Dutch": "nl", "English": "en", "Finnish": "fi",
    "French": "fr", "German": "de", "Hungarian": "hu", "Indonesian": "id",
    "Italian": "it", "Lithuanian": "lt", "Polish": "pl", "Portuguese": "pt",
    "Romanian": "ro", "Spanish": "es", "Swedish": "sv", "Turkish": "tr",
    "Vietnamese": "vi",
}  # fmt: skip


def _babel(code, error):
    """{identifier: name} of the countries and languages that Babel has in a language."""
    try:
        from babel import Locale
    except ImportError:
        raise data_files.DataUnavailable(
            f"{error} What would stand in comes with Babel: pip install babel"
        ) from error
    locale = Locale(code)
    # numbers are groups of countries, such as "019" for the Americas
    places = {k: v for k, v in locale.territories.items() if k.isalpha()}
    return places | dict(locale.languages)


def _names_of_places(error):
    """Stand in for family names: countries and languages, named in 18 languages."""
    found = {name: _babel(code, error) for name, code in _LANGUAGES.items()}
    _announce("names", "names of countries and languages in 18 languages", error)
    # "Kenya" is Kenya in most of them; a name of one language tells something
    times = {}
    for names in found.values():
        for name in set(names.values()):
            times[name] = times.get(name, 0) + 1
    rows = [
        (name, language)
        for language, names in found.items()
        for name in sorted(set(names.values()))
        if times[name] == 1
    ]
    test = rows[::3]
    train = [row for i, row in enumerate(rows) if i % 3]
    return _numbered(train, test, source="names of countries", stand_in=True)


def _translated_names(error):
    """Stand in for sentences: countries and languages, in English and French."""
    english, french = (_babel(code, error) for code in ("en", "fr"))
    _announce("fra_eng", "names of countries and languages in both languages", error)
    shared = sorted(english.keys() & french.keys(), key=lambda k: (len(english[k]), k))
    return SentencePairs(
        [english[key] for key in shared],
        [french[key] for key in shared],
        "names of countries and languages",
        stand_in=True,
    )
