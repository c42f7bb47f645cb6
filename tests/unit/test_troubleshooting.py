"""docs/troubleshooting.md has every message that the code can print, and no other.

The code is read, not run: each string literal that becomes a message is made a template, with ``{}`` for what is only
known at run time. The page has the templates in its ``message`` blocks, one per line, with a name in each placeholder.
"""

import ast
import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import producer
import streaming
from tests.support.pages import blocks

_PAGE = "docs/troubleshooting.md"
_FILES = [file for package in (producer, streaming) for file in sorted(Path(package.__file__).parent.rglob("*.py"))]
#: Functions and classes whose argument is a message or the reason in one. Of a built-in error the text is never shown.
_SHOWS = re.compile(r"_?(say|warn|tell|refuse|fail|miss|report)(_\w+)?|[A-Z]\w*Error")
#: Functions whose argument is help text, a name, a setting, a query or a pattern.
_SHOWS_NOT = re.compile(
    r"option|examples|Option|Argument|Typer|command|compile|execute|executemany|join|(Value|Type|Assertion|Attribute)Error"
    r"|Observation|frozenset|_gauge|_counter|_histogram|\w+MetricFamily"
)
#: Literals of several words that are no messages, each with what it is.
_NO_MESSAGES = {
    r"\s*(create|alter|insert|replace|drop|select|delete|pragma) .*|former where .*|concat_ws.*": "SQL",
    r"(\{\}|window_start timestamp.*)?word string, count long|window_start timestamp.*": "a schema",
    r"default-src 'self'|text/\w+; charset=.*": "a header of the page",
    r"\(.*\(.*\[.*|yyyy-MM.*": "a pattern of times",
    r".*--window \{\}s --slide .*": "what the state knows windows by",
    r"<ivy.*": "a file for Ivy",
    r"rootLogger.*": "a file for log4j",
    r"yyyy .*|\(Jan.*": "a pattern of times",
    r"the (output|state) in \{\}|the target \{\}": "what is locked, in another message",
    r"to be or not to be\n": "a text to count",
    r"kafka://\{\} of cluster \{\}|an address that Spark reads": "what a source is called",
    r"throttled by broker|in the clear": "what is ignored in the log of Kafka's client",
    r"Invalid frame length|No space left on device|File too large|failed to map segment": "what others say",
    r"unable to create native thread": "what Java says",
    r"Executor task launch worker": "how Spark names threads",
    r"No active or default Spark session": "what Spark says",
    r"pipelined stage group|Some data may have been lost|PySpark does not yet fully support pandas": "what Spark says",
    r"q quit   .*|window  most frequent words": "labels of the live view",
    r"   no word contains it|PAUSED, p resumes|/ ?\{\}.*|\(after the first minute\)": "labels of the live view",
    r"\{\} new( lines.*| of )|(\{\})+ words \(\{\}/s\)|lag \{\} records": "labels of the live view",
    r"(\{\})+ --time-format .*|--stop-words \(.*|--(not-match|min-length) \{\}": "a rule, in the state",
    r"\{\} and \{\} more|(led by|log at|logs of|gone from|counted files of) \{\}": "a source, in the state",
}


@functools.cache
def templates() -> dict[str, str]:
    """Return each message by its key: the place in the code that it comes from, and its template."""
    return {
        key: f"{place}: {text}"
        for text, place in _texts_shown()
        if (key := _key(text)) and not any(_matches(pattern, text) for pattern in _NO_MESSAGES)
    }


@functools.cache
def _texts_shown() -> list[tuple[str, str]]:
    """Return the texts of the code that may be messages, as templates, with their places."""
    return [found for file in _FILES for found in _in_file(file)]


def _in_file(file: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(file.read_bytes())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    reader = _Reader(tree, parents)
    found = [
        (node, reader.expand(node))
        for node in ast.walk(tree)
        if _is_text(node) and not _is_text(parents[node]) and not isinstance(parents[node], ast.Expr)
    ]
    for node, texts in found:
        if node in reader.used or not (shown := _is_shown(node, parents)):
            continue
        for text in texts:
            words = len(re.findall(r"[A-Za-z']{2,}", text))
            if " " in text.strip() and words >= (1 if shown == "argument" else 3):
                yield text, f"{file.parent.name}/{file.name}:{node.lineno}"


def _is_text(node: ast.AST) -> bool:
    """Whether a node is a text, or several in a row."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_shown(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """Tell whether a text is a message: as the argument of what shows it, or as it may reach that from elsewhere."""
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FormattedValue | ast.Subscript | ast.Compare):
            return "literal" if isinstance(node, ast.FormattedValue) else ""
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if _SHOWS_NOT.fullmatch(name):
                return ""
            if _SHOWS.fullmatch(name):
                return "argument"
        if isinstance(node, ast.stmt):
            break
    return "literal"


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, re.sub(r"\{\w*\}", "{}", text), re.DOTALL) is not None


class _Reader:
    """Makes templates of texts; ``used`` has the texts that became a part of another."""

    def __init__(self, tree: ast.Module, parents: dict[ast.AST, ast.AST]) -> None:
        self._tree = tree
        self._parents = parents
        self.used: set[ast.AST] = set()

    def expand(self, node: ast.AST) -> list[str]:
        """Return what a text can be: one template for each way through its conditions."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return self._joined([self._part(part) for part in parts])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([self._value(left), self._value(right)])
        return [_placeholder(node)]

    def _part(self, node: ast.AST) -> list[str]:
        return self._value(node.value) if isinstance(node, ast.FormattedValue) else self.expand(node)

    def _value(self, node: ast.AST) -> list[str]:
        texts = self._texts(node)
        if texts is None:
            return [_placeholder(node)]
        for text in texts:
            self.used.add(text)
        return [template for text in texts for template in self.expand(text)]

    def _texts(self, node: ast.AST) -> list[ast.AST] | None:
        """Return the texts that a value can be, None where it may be something else."""
        if _is_text(node):
            return [node]
        if isinstance(node, ast.IfExp):
            branches = [self._texts(node.body), self._texts(node.orelse)]
            return None if None in branches else [text for branch in branches if branch for text in branch]
        if isinstance(node, ast.Name):
            assigned = [
                one.value
                for one in ast.walk(self._scope(node, node.id))
                if isinstance(one, ast.Assign) and any(getattr(name, "id", "") == node.id for name in one.targets)
            ]
            values = [self._texts(value) for value in assigned]
            return None if not values or None in values else [text for value in values if value for text in value]
        return None

    def _scope(self, node: ast.AST, name: str) -> ast.AST:
        """Return the function that gives a name its value, or the module."""
        while node in self._parents:
            node = self._parents[node]
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store)
                for one in ast.walk(node)
            ):
                return node
        return self._tree

    @staticmethod
    def _joined(parts: list[list[str]]) -> list[str]:
        return ["".join(chosen) for chosen in itertools.product(*parts)]


def _placeholder(node: ast.AST) -> str:
    names = [getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(node)]
    return "{" + next((name for name in names if name not in {"", "join", "format", "strerror"}), "") + "}"


def _key(text: str) -> str:
    """Return a template without what stands around the message wherever it is shown.

    >>> _key("warning: {file}: cannot be read: {reason}") == _key("cannot be read: {}")
    True
    """
    text = re.sub(r"\{[^{}]*\}", "{}", " ".join(text.split()))
    text = re.sub(r"(\{\})+", "{}", text)
    return re.sub(r"^(warning: )?(\{\}(: | )?)*", "", text).strip()


def explained() -> list[str]:
    """Return the messages on the page; one that goes on in another line is indented there."""
    text = "".join(block.text for block in blocks(_PAGE, "message"))
    return [_key(line) for line in re.sub(r"\n +", " ", text).splitlines() if line]


def test_the_page_explains_every_message() -> None:
    there = set(explained())
    missing = [where for key, where in templates().items() if key not in there]
    assert not missing, "\n".join(missing)


def test_the_page_explains_no_message_that_is_gone() -> None:
    known = templates()
    stale = [text for text in explained() if text not in known]
    assert not stale, "\n".join(stale)


def test_the_page_explains_each_message_once() -> None:
    seen = explained()
    twice = sorted({text for text in seen if seen.count(text) > 1})
    assert not twice, "\n".join(twice)


def test_each_exception_is_one() -> None:
    texts = [text for text, _ in _texts_shown()]
    assert [pattern for pattern in _NO_MESSAGES if not any(_matches(pattern, text) for text in texts)] == []
