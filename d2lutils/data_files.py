"""Find the files of a data set: the reader's folder, the cache, then the network.

``D2L_DATA`` names a folder with the data sets in the layout of ``data/README.md``; it
is only read. What is not there comes out of the cache of the user's account, where
:mod:`d2lutils.data_downloads` puts it.
"""

from pathlib import Path

from d2lutils import flags
from d2lutils.data_downloads import DataUnavailable, bring, cache_folder, sha256_of
from d2lutils.data_registry import SETS


def given_folder():
    """Return the folder named by ``D2L_DATA``, or None when it is not set.

    Raises
    ------
    FileNotFoundError
        When it is set to something that is not a folder.
    """
    named = flags.text("D2L_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"D2L_DATA is {named!r}, which is not a folder. Correct it, or unset it to "
            "let the book download what it needs."
        )
    return folder


def verified(path, sha256):
    """Return ``path`` when the file has that SHA-256.

    Raises
    ------
    FileNotFoundError, ValueError
        When the file is missing or damaged; it says which file and what to do.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path} is missing. Put the file there (data/README.md says where it comes "
            "from), or unset D2L_DATA to let the book download it."
        )
    if (found := sha256_of(path)) != sha256:
        raise ValueError(
            f"{path} is damaged or another file: its SHA-256 is {found[:12]}…, expected "
            f"{sha256[:12]}…. Replace it, or unset D2L_DATA to let the "
            "book download its own copy."
        )
    return path


def locate(name):
    """Return where a data set lies, downloading what is missing; all of it is verified.

    Parameters
    ----------
    name : {"MNIST", "diabetes", "time_machine", "names", "fra_eng"}
        A data set of :mod:`d2lutils.data_registry`.

    Returns
    -------
    Path
        Of the file, for a data set of one. Otherwise of the folder in which the files
        have the names of the registry: for ``"MNIST"`` the ``root`` that
        ``torchvision.datasets.MNIST`` asks for.

    Raises
    ------
    ValueError
        When there is no data set of that name, or a copy in ``D2L_DATA`` is damaged.
    FileNotFoundError
        When ``D2L_DATA`` is no folder, or holds only some of the files.
    DataUnavailable
        When it is nowhere and cannot be downloaded.
    """
    if name not in SETS:
        raise ValueError(f"No data set {name!r}; there are {', '.join(SETS)}.")
    files = SETS[name].files
    folder = given_folder()
    if folder and any((folder / file.name).exists() for file in files):
        for file in files:
            verified(folder / file.name, file.sha256)
    else:
        folder = cache_folder()
        bring(name, files, folder)
    return folder / files[0].name if len(files) == 1 else folder


def data_path(name):
    """Return where a data set lies, as :func:`locate`, or None where it can't be had.

    Raises
    ------
    ValueError, FileNotFoundError
        As :func:`locate`.
    """
    try:
        return locate(name)
    except DataUnavailable:
        return None


def fetch_all():
    """Download and verify every data set (``make data``), and say where they are.

    Raises
    ------
    DataUnavailable
        When some can't be had, or a file is damaged, after all were tried.
    FileNotFoundError
        When ``D2L_DATA`` is not a folder.
    """
    given_folder()
    missing = []
    for name in SETS:
        try:
            print(f"{name}: {locate(name)}", flush=True)
        except (DataUnavailable, FileNotFoundError, ValueError) as error:
            missing.append(f"{name}: {error}")
    if missing:
        raise DataUnavailable("\n".join(missing))
    print("Everything is here and verified: the book now runs without a network.")


if __name__ == "__main__":
    try:
        fetch_all()
    except (DataUnavailable, FileNotFoundError) as unavailable:
        raise SystemExit(str(unavailable)) from None
