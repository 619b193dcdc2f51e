"""The repository's address: it stands in _config.yml alone, and everything else follows it.

    python -m tools.address https://github.com/OWNER/NAME     publish the book there
    python -m tools.address ""                                 take the address out again

Until an owner has set one, nothing in the book names an address to install from: whoever
registered a name that is nobody's could otherwise run code on every reader's machine.
"""

import re
import sys
from pathlib import Path

import yaml

from tools.notebooks import ROOT, replace

_URL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+(?<!\.git)")
_UNSET = "run `make address URL=https://github.com/OWNER/NAME` to set the book's own"


def _section(root):
    path = Path(root, "_config.yml")
    if not path.exists():
        return {}
    return yaml.safe_load(path.read_text(encoding="utf-8")).get("repository") or {}


def is_set(root=ROOT):
    """Whether the book has an address.

    Raises SystemExit when what stands there is none.
    """
    url = _section(root).get("url") or ""
    if url and not _URL.fullmatch(url):
        raise SystemExit(f"{Path(root, '_config.yml')}: {_complaint(url)}")
    return bool(url)


def _complaint(url):
    return (
        "repository.url must look like https://github.com/OWNER/NAME (without .git, without a "
        f"slash at the end) or be empty, not {url!r}"
    )


def address(root=ROOT):
    """The repository's address, https://github.com/OWNER/NAME.

    Raises SystemExit when there is none.
    """
    if not is_set(root):
        raise SystemExit(f"the book has no address yet; {_UNSET}")
    return _section(root)["url"]


def _branch(root):
    return _section(root).get("branch") or "main"


def _place(path):
    """Where a notebook lies in the repository: chapters/NAME or book/NAME."""
    folder = "book" if path.parent.name == "book" else "chapters"
    return f"{folder}/{path.name}"


def colab(path, root=ROOT):
    """Where Colab opens the notebook."""
    slug = address(root).removeprefix("https://github.com/")
    start = "https://colab.research.google.com/github"
    return f"{start}/{slug}/blob/{_branch(root)}/{_place(path)}"


def download(path, root=ROOT):
    """Where the notebook can be downloaded."""
    return f"{address(root)}/raw/{_branch(root)}/{_place(path)}"


def blocks(root=ROOT):
    """{name: text} of the pieces of pages that hold the address, or say that there is none."""
    if not is_set(root):
        return {
            "colab": "**In Colab.** This copy of the book has not been published under an "
            "address of its own, so\nno button opens its chapters there.",
            "clone": "With Python 3.11 or newer and make, in the book's folder:\n\n"
            "```bash\nmake lab\n```",
            "install": "On Colab, chapters open with a button at their top as soon as the "
            "book has an address of its own; this copy\nhas none (*Publishing the book* says "
            "how to set it).",
            "citation": "",
        }
    url = address(root)
    return {
        "colab": "**In Colab.** The rocket at the top of each chapter opens it on a machine of "
        "Google's, with a GPU\nif you ask for one (*Runtime → Change runtime type*). The first "
        "cell installs the book's helpers\nif they are missing; PyTorch is there already, and "
        "whatever version it is will do.",
        "clone": "With Python 3.11 or newer, git and make:\n\n```bash\n"
        f"git clone {url}\ncd {url.rpartition('/')[2]}\nmake lab\n```",
        "install": "On Colab, open a chapter with the button at its top. Its first cell "
        "installs the helpers, with no\nversion pinned; by hand that is\n\n```bash\n"
        f'pip install "git+{url}"\n```',
        "citation": f'repository-code: "{url}"\nurl: "{url}"',
    }


def put(url, root=ROOT):
    """Write the address into _config.yml; "" takes it out. Raises SystemExit for a bad one."""
    if url and not _URL.fullmatch(url):
        raise SystemExit(_complaint(url))
    path = Path(root, "_config.yml")
    text = path.read_text(encoding="utf-8")
    line = re.compile(r"^(repository:\n(?:  .*\n)*?  url:).*$", re.M)
    if not line.search(text):
        raise SystemExit(f"{path} has no section repository with a line url:")
    replace(path, line.sub(lambda m: f'{m[1]} "{url}"', text, count=1))


def main(arguments=None):
    """The command: set the address, then bring up to date what follows it."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        raise SystemExit(__doc__.partition("\n\n")[2].partition("\n\n")[0])
    put(given[0])
    from tools import refresh

    refresh.main([])
    print(
        f"The book's address is {given[0]}." if given[0] else "The book has no address."
    )


if __name__ == "__main__":
    main()
