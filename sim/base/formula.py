"""Arithmetic of derived evidence: numbers, names, ``+ - * / **``, round, min, max and odds.

A formula is parsed, never executed as code, so a profile file from elsewhere cannot do harm.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "round": round,
    "min": min,
    "max": max,
    "odds": lambda p: p / (1.0 - p),
}
_ALLOWED = "only numbers, row ids, + - * / ** and round, min, max, odds are allowed"


def parse(text: str) -> ast.expr:
    """The expression of a formula. ValueError, with the reason, if it is not one."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(_ALLOWED) from None


def names(text: str) -> tuple[str, ...]:
    """Names that a formula refers to, in order, each once."""
    found = [node for node in ast.walk(parse(text)) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in found if node.id not in _FUNCTIONS))


def evaluate(node: ast.expr, look_up: Callable[[str], float]) -> float:
    """Value of a parsed formula; ``look_up`` gives the value of a name.

    Raises ValueError for anything that is not allowed or has no finite real value.
    """
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            return look_up(name)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](evaluate(operand, look_up))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            values = (evaluate(left, look_up), evaluate(right, look_up))
            return _real(_OPERATORS[type(op)], *values)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _real(_FUNCTIONS[name], *(evaluate(arg, look_up) for arg in args))
    raise ValueError(_ALLOWED)


def _real(function: Callable[..., float], *arguments: float) -> float:
    try:
        value = function(*arguments)
    except (ZeroDivisionError, OverflowError, TypeError):
        raise ValueError("it has no value (a division by zero, or wrong arguments)") from None
    if isinstance(value, complex) or value != value or abs(value) == float("inf"):
        raise ValueError("it has no finite real value")
    return float(value)
