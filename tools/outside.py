"""Do the book's links to other sites still lead somewhere? Needs a network.

python -m tools.outside [WORD ...]      all, or those whose address holds one of the words
python -m tools.outside --list          only say which there are, and where they stand

Addresses come from the pages, from README, CONTRIBUTING, DESIGN and data/README, and from
the bibliography: a DOI is looked up at doi.org (publishers turn programs away), an arXiv
id at arxiv.org. Every host is asked one thing at a time, with a pause in between. Exits
with 1 if a link is broken, with 2 if no host at all could be reached.
"""

import argparse
import re
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tools import references, texts
from tools.notebooks import ROOT, short

OTHER_FILES = ("README.md", "CONTRIBUTING.md", "DESIGN.md", "data/README.md")
ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
HERE = ("localhost", "127.0.0.1", "[::1]")
AGENT = "Mozilla/5.0 (compatible; link check of an open course book)"
# The server is there but answers no program (or not now): a reader's browser may fare better.
NOT_FOR_PROGRAMS = (401, 403, 406, 418, 429, 999)


@dataclass(frozen=True)
class Answer:
    """What came of asking for an address: "fine", "moved" (for good, ``text`` says where
    to), "unclear" (it answers no program) or "broken"; ``reached`` if any server answered."""

    url: str
    state: str
    text: str = ""
    reached: bool = True


def addresses_in(text):
    """The http(s) addresses in a text, without their fragments, in order."""
    found = {}
    for url in ADDRESS.findall(text):
        url = url.split("#")[0].rstrip(".,;:!?*")
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1].rstrip(".,;:!?*")
        host = urlsplit(url).hostname
        if host and "." in host and host not in HERE:
            found[url] = None
    return list(found)


def address_of(fields):
    """Where the work of a bibliography's entry is looked up, or None."""
    if "doi" in fields:
        return f"https://doi.org/api/handles/{quote(fields['doi'], safe='/')}"
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return fields.get("url")


def collect(root=ROOT):
    """{address: [where it stands]} of the whole book."""
    found = defaultdict(list)
    for path in texts.all_pages(root):
        for place, text in texts.of(path):
            for url in addresses_in(text):
                found[url].append(f"{short(path, root)}, {place}")
    for name in OTHER_FILES:
        path = Path(root, name)
        if path.exists():
            for url in addresses_in(path.read_text(encoding="utf-8")):
                found[url].append(name)
    bibliography = Path(root, "book", "references.bib").read_text(encoding="utf-8")
    for key, fields in references.entries(bibliography).items():
        if url := address_of(fields):
            found[url].append(f"book/references.bib, {key}")
    return dict(found)


class Redirects(HTTPRedirectHandler):
    """Follow redirections with the method of the first request; remember permanent ones."""

    def __init__(self):
        self.permanent = False

    def redirect_request(self, request, file, code, message, headers, url):
        following = super().redirect_request(request, file, code, message, headers, url)
        following.method = request.get_method()
        self.permanent |= code in (301, 308)
        return following


def ask(url, timeout=20.0):
    """Ask for an address: only its head, and if that is refused, the page's first byte.

    timeout is in seconds, for connecting and for each wait
    """
    answer = None
    for method in ("HEAD", "GET"):
        redirects = Redirects()
        opener = build_opener(redirects)
        request = Request(url, method=method, headers={"User-Agent": AGENT})
        try:
            with opener.open(request, timeout=timeout) as response:
                response.read(1)
                if redirects.permanent:
                    return Answer(url, "moved", response.url)
                return Answer(url, "fine")
        except HTTPError as error:
            state = "unclear" if error.code in NOT_FOR_PROGRAMS else "broken"
            answer = Answer(url, state, f"{error.code} {error.reason}")
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            text = "timeout" if isinstance(reason, TimeoutError) else str(reason)
            return Answer(url, "broken", text or type(error).__name__, reached=False)
    return answer


def ask_host(urls, timeout=20.0, pause=1.0):
    """Ask one host for several addresses, one after the other, ``pause`` seconds apart."""
    answers = []
    for url in urls:
        if answers:
            time.sleep(pause)
        answers.append(ask(url, timeout))
    return answers


def ask_all(urls, timeout=20.0, pause=1.0, hosts_at_once=8):
    """Ask for all addresses: several hosts at a time, each host one thing at a time."""
    by_host = defaultdict(list)
    for url in urls:
        by_host[urlsplit(url).netloc].append(url)
    with ThreadPoolExecutor(hosts_at_once) as pool:
        runs = pool.map(lambda urls: ask_host(urls, timeout, pause), by_host.values())
        return [answer for run in runs for answer in run]


def report(answers, places):
    """Lines that say what is broken, moved or unclear and where it stands; and a summary."""
    for state in ("broken", "moved", "unclear"):
        for answer in answers:
            if answer.state == state:
                arrow = "-> " if state == "moved" else ""
                yield f"{state}: {answer.url} {arrow}{answer.text}"
                yield from (f"    {place}" for place in places[answer.url])
    counts = [sum(a.state == s for a in answers) for s in ("fine", "moved", "unclear")]
    broken = len(answers) - sum(counts)
    yield (
        f"{len(answers)} addresses: {counts[0]} fine, {counts[1]} moved for good, "
        f"{counts[2]} that answer no program (try them by hand), {broken} broken"
    )


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--list", action="store_true", help="ask no one")
    parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--pause", type=float, default=1.0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    places = {
        url: where
        for url, where in collect().items()
        if not options.words or any(word in url for word in options.words)
    }
    if options.list:
        for url, where in places.items():
            print(f"{url}  ({'; '.join(where)})")
        return 0
    answers = ask_all(places, options.timeout, options.pause)
    if answers and not any(answer.reached for answer in answers):
        print("No host could be reached. Is there a network? Nothing was checked.")
        return 2
    print("\n".join(report(answers, places)))
    return 1 if any(answer.state == "broken" for answer in answers) else 0


if __name__ == "__main__":
    sys.exit(main())
