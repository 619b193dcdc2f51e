"""Fingerprints that tie stored outputs to the code that made them."""

import ast
import hashlib
import re
from pathlib import Path

from tools.notebooks import ROOT, code_cells, tags

# Not part of any fingerprint: the bands are measured *by* the notebooks, and the packages' own
# __init__ only say which name lives in which module.
LEFT_OUT = {
    "d2lutils/bands.json",
    "d2lutils/__init__.py",
    "d2lutils/widgets/__init__.py",
}
# The widgets' front end and what packs it for a page: the scripts themselves are stored, so
# they are compared (tools/refresh.py), not their fingerprints.
FRONT_END = re.compile(r"d2lutils/widgets/(.*/)?([^/]*\.(m?js|css)|source\.py)")


def digest(data):
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(
        data if isinstance(data, bytes) else data.encode()
    ).hexdigest()[:16]


def code_hash(nb):
    """Fingerprint of a notebook's code cells, the generated setup cell left out."""
    sources = [c.source.rstrip() for _, c in code_cells(nb) if "setup" not in tags(c)]
    return digest("\0".join(sources))


def without_docstrings(tree):
    """The syntax tree with the docstrings of modules, classes and functions removed."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def skeleton(node):
    """The tree as nested tuples, the same in every version of Python.

    Unlike ast.dump, whose text changes between versions, it leaves out whatever is empty:
    a field that a later version adds is empty in older code.
    """
    if isinstance(node, ast.Constant):
        return ("Constant", type(node.value).__name__, repr(node.value))
    if isinstance(node, ast.AST):
        fields = [(name, skeleton(value)) for name, value in ast.iter_fields(node)]
        return (type(node).__name__, *(f for f in fields if f[1] not in (None, ())))
    if isinstance(node, list):
        return tuple(map(skeleton, node))
    return None if node is None else repr(node)


def file_hash(path):
    """Fingerprint of a helper: comments, layout and docstrings of Python files do not count.

    Other files (.json) count byte for byte.
    """
    path = Path(path)
    if path.suffix != ".py":
        return digest(path.read_bytes())
    tree = without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
    return digest(repr(skeleton(tree)))


def counts(name):
    """Whether a helper file, named from the root, can change what a notebook computes."""
    return name not in LEFT_OUT and not FRONT_END.fullmatch(name)


def helper_hashes(files, root=ROOT):
    """{"d2lutils/train.py": fingerprint} for the helper files (absolute paths) inside root."""
    root = Path(root).resolve()
    names = {
        Path(f).resolve().relative_to(root).as_posix()
        for f in files
        if Path(f).resolve().is_relative_to(root)
    }
    return {name: file_hash(root / name) for name in sorted(filter(counts, names))}


def changed_helpers(stored, root=ROOT):
    """The helper files whose fingerprint is no longer the stored one (or that are gone)."""
    return [
        name
        for name, value in stored.items()
        if counts(name)
        and (not Path(root, name).exists() or file_hash(Path(root, name)) != value)
    ]
