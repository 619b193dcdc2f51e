"""Which names a cell defines and needs."""

import pytest

from tools.names import names


@pytest.mark.parametrize(
    ("source", "defined", "now", "later"),
    [
        ("x = y", "x", "y", ""),
        ("x = x + 1", "x", "x", ""),
        ("x += 1", "x", "x", ""),
        ("x = 1\nprint(x)", "x", "", ""),
        ("import a.b, c as d\nfrom e import f as g, h", "a d g h", "", ""),
        ("a.b = c[d]", "", "a c d", ""),
        ("(a, *b), c[i] = z", "a b", "c i z", ""),
        ("[k * w for k in rows if k > t]", "", "w rows t", ""),
        ("[k for k in k]", "", "k", ""),
        ("[i + j for i in a for j in i.b]", "", "a", ""),
        ("any((last := k) for k in rows)", "last", "rows", ""),
        ("{k: v for k, v in pairs}\nk", "", "pairs k", ""),
        ("def f(x, y=n):\n    z = x + a\n    return [q for q in z if b]", "f", "n", "a b"),
        ("@wrap\ndef f(x: T) -> S:\n    return f", "f", "wrap T S", ""),
        ("g = lambda x, k=k: x + k + m", "g", "k", "m"),
        ("[lambda: k + m for k in r]", "", "r", "m"),
        ("def f():\n    global total\n    total = 1", "f total", "", ""),
        ("def f():\n    def g():\n        return h\n    return g", "f", "", "h"),
        ("def f():\n    x = 1\n    class C:\n        y = x + w\n    return C", "f", "", "w"),
        ("class C(B):\n    n = m\n    k = n\n    def f(self):\n        return n", "C", "B m", "n"),
        ("for i in r:\n    j = i\nelse:\n    k = j", "i j k", "r", ""),
        ("with a() as b, c(b):\n    pass", "b", "a c", ""),
        ("try:\n    x\nexcept E as e:\n    e", "e", "x E", ""),
        ("if a:\n    x = 1\nprint(x)", "x", "a", ""),
        ("x: int = y\nz: T", "x", "y T", ""),
        ("match v:\n    case {'a': p, **r}:\n        p\n    case [q, *s] | C(q=q, s=s):\n        q",
         "p r q s", "v C", ""),
        ("%pip install x\nif a:\n    !ls\nb", "", "a b", ""),
        ("f'{a:{w}}'", "", "a w", ""),
        ("with d2l.raises(NameError):\n    x = gone", "x", "d2l", ""),
        ("class A(B):\n    def f(self):\n        super().f()", "A", "B", ""),
        ("print(len([1]))", "", "", ""),
        ("async def f():\n    await g()", "f", "", "g"),
    ],
)  # fmt: skip
def test_names(source, defined, now, later):
    found = names(source)
    assert (found.defined, found.now, found.later) == (
        set(defined.split()),
        set(now.split()),
        set(later.split()),
    )


def test_what_is_deleted_is_gone():
    found = names("x = 1\ndel x, y")
    assert (found.defined, found.now, found.gone) == (set(), {"y"}, {"x", "y"})
    assert names("del x\nx = 1").gone == set()
