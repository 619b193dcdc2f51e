"""Which global names a cell defines, needs at once, and needs when its functions are called."""

import ast
import builtins
import re
import symtable
from dataclasses import dataclass, field

ALWAYS = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__class__",
    "get_ipython",
    "display",
    "_",
}
MAGIC = re.compile(r"^(\s*)[%!].*$", re.M)


@dataclass
class Names:
    """``defined`` by the cell; needed ``now``, while it runs; needed ``later``, by its functions.

    ``gone`` are the names that it deletes. A name bound in any branch counts as defined.
    """

    defined: set = field(default_factory=set)
    now: set = field(default_factory=set)
    later: set = field(default_factory=set)
    gone: set = field(default_factory=set)


def names(source):
    """The Names of a cell's source; IPython's magics (``%pip``, ``!ls``) count nothing."""
    reader = _Reader()
    reader.visit(ast.parse(MAGIC.sub(r"\1pass", source)))
    found = reader.names
    found.now -= ALWAYS
    found.later -= found.defined | ALWAYS
    return found


class _Reader(ast.NodeVisitor):
    """Walks a module in the order in which it runs."""

    def __init__(self, names=None, local=frozenset()):
        self.names = names or Names()
        self.local = set(local)  # of a comprehension or a class body: hides globals
        self.binds_local = False  # a class body's own names stay inside

    def load(self, name):
        if name not in self.local and name not in self.names.defined:
            self.names.now.add(name)

    def store(self, name):
        if self.binds_local:
            self.local.add(name)
        else:
            self.names.defined.add(name)
            self.names.gone.discard(name)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            if node.id not in self.local:
                self.store(node.id)
            return
        self.load(node.id)
        if isinstance(node.ctx, ast.Del) and node.id not in self.local:
            self.names.defined.discard(node.id)
            self.names.gone.add(node.id)

    def visit_Assign(self, node):
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node):
        self.visit(node.annotation)
        if node.value:
            self.visit(node.value)
            self.visit(node.target)

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node):
        self.visit(node.iter)
        self.visit(node.target)
        for statement in node.body + node.orelse:
            self.visit(statement)

    def visit_With(self, node):
        """What ``d2l.raises(NameError)`` expects to be missing is not needed."""
        inner = self
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars:
                self.visit(item.optional_vars)
            if "raises(NameError" in ast.unparse(item.context_expr):
                inner = _Reader(Names(defined=self.names.defined), self.local)
        for statement in node.body:
            inner.visit(statement)

    visit_AsyncWith = visit_With

    def visit_Import(self, node):
        for alias in node.names:
            self.store(alias.asname or alias.name.split(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node):
        if node.type:
            self.visit(node.type)
        if node.name:
            self.store(node.name)
        for statement in node.body:
            self.visit(statement)

    def visit_MatchAs(self, node):
        self.generic_visit(node)
        if node.name:
            self.store(node.name)

    def visit_MatchStar(self, node):
        if node.name:
            self.store(node.name)

    def visit_MatchMapping(self, node):
        self.generic_visit(node)
        if node.rest:
            self.store(node.rest)

    def comprehension(self, node):
        """Its own variables hide globals; a walrus in it binds outside."""
        bound = {
            target.id
            for part in node.generators
            for target in ast.walk(part.target)
            if isinstance(target, ast.Name)
        }
        self.visit(node.generators[0].iter)
        inner = _Reader(self.names, self.local | bound)
        for part in node.generators:
            for piece in ([] if part is node.generators[0] else [part.iter]) + part.ifs:
                inner.visit(piece)
        for piece in (getattr(node, key, None) for key in ("key", "value", "elt")):
            if piece is not None:
                inner.visit(piece)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def function(self, node):
        """Decorators, defaults and annotations run at once, the body when it is called."""
        arguments = node.args
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        every += [a for a in (arguments.vararg, arguments.kwarg) if a]
        outer = [*getattr(node, "decorator_list", []), *arguments.defaults]
        outer += [d for d in arguments.kw_defaults if d]
        outer += [a.annotation for a in every if a.annotation]
        outer += [r for r in [getattr(node, "returns", None)] if r]
        for piece in outer:
            self.visit(piece)
        self.names.later |= _globals_in(node, self.names) - (
            set() if self.binds_local else self.local
        )
        if not isinstance(node, ast.Lambda):
            self.store(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = function

    def visit_ClassDef(self, node):
        for piece in [
            *node.decorator_list,
            *node.bases,
            *(k.value for k in node.keywords),
        ]:
            self.visit(piece)
        body = _Reader(self.names, self.local)
        body.binds_local = True
        for statement in node.body:
            body.visit(statement)
        self.store(node.name)


def _globals_in(node, found):
    """The global names that a function's body reads; those that it declares global are defined."""
    if isinstance(node, ast.Lambda):
        text = ast.unparse(node)
    else:
        bare = ast.copy_location(type(node)(**dict(ast.iter_fields(node))), node)
        bare.decorator_list = []
        text = ast.unparse(bare)
    read, tables = set(), list(symtable.symtable(text, "cell", "exec").get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                read.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                found.defined.add(symbol.get_name())
    return read
