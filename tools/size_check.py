"""Measures every module and function under a folder against the house's size budgets, and names the offenders."""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODULE_LINES_MOST = 400
MODULE_LINES_MEDIAN_BELOW = 120
FUNCTION_LINES_MOST = 60
FUNCTION_LINES_95TH_MOST = 35
FUNCTION_LINES_MEDIAN_BELOW = 8
POSITIONAL_PARAMETERS_MOST = 3

FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    One module or function with its sizes.

    Units   `lines` counts a module whole, and a function from the first statement after its docstring to its end.
    """

    where: str
    name: str
    lines: int
    positional: int = 0


def measure_module(path: Path) -> tuple[Measured, tuple[Measured, ...]]:
    """Return the size of one module and of every function in it."""
    text = path.read_text(encoding="utf8")
    functions = tuple(_measure_functions(ast.parse(text, filename=str(path)), path))
    return Measured(where=f"{path}:1", name=path.stem, lines=len(text.splitlines())), functions


def find_offenders(folder: Path) -> tuple[str, ...]:
    """Return one line for each budget of the house that the Python files under `folder` break."""
    measured = [measure_module(path) for path in sorted(folder.rglob("*.py"))]
    modules = [module for module, _ in measured]
    functions = [function for _, found in measured for function in found]
    return (*_too_long(modules), *_too_long_or_wide(functions), *_spread(modules, functions))


def main() -> int:
    """Print the offenders under the folder named on the command line; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    offenders = find_offenders(parser.parse_args().folder)
    for offender in offenders:
        print(offender)
    return 1 if offenders else 0


def _measure_functions(tree: ast.Module, path: Path) -> Iterator[Measured]:
    methods = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for child in node.body
        if isinstance(child, FUNCTION_NODES) and not _is_static(child)
    }
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION_NODES):
            named = node.args.posonlyargs + node.args.args
            yield Measured(
                where=f"{path}:{node.lineno}",
                name=node.name,
                lines=_body_lines(node),
                positional=len(named) - (node in methods),
            )


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0


def _too_long(modules: list[Measured]) -> Iterator[str]:
    for module in modules:
        if module.lines > MODULE_LINES_MOST:
            yield f"{module.where} the module is {module.lines} lines (at most {MODULE_LINES_MOST})"


def _too_long_or_wide(functions: list[Measured]) -> Iterator[str]:
    for function in functions:
        if function.lines > FUNCTION_LINES_MOST:
            yield f"{function.where} {function.name} is {function.lines} lines (at most {FUNCTION_LINES_MOST})"
        if function.positional > POSITIONAL_PARAMETERS_MOST:
            yield (
                f"{function.where} {function.name} takes {function.positional} positional parameters "
                f"(at most {POSITIONAL_PARAMETERS_MOST}, the rest keyword-only)"
            )


def _spread(modules: list[Measured], functions: list[Measured]) -> Iterator[str]:
    if modules and (median := statistics.median(module.lines for module in modules)) >= MODULE_LINES_MEDIAN_BELOW:
        yield f"the median module is {median:g} lines (under {MODULE_LINES_MEDIAN_BELOW})"
    if not functions:
        return
    lines = sorted(function.lines for function in functions)
    if (median := statistics.median(lines)) >= FUNCTION_LINES_MEDIAN_BELOW:
        yield f"the median function is {median:g} lines (under {FUNCTION_LINES_MEDIAN_BELOW})"
    if (high := lines[(len(lines) * 95 - 1) // 100]) > FUNCTION_LINES_95TH_MOST:
        yield f"the 95th percentile of functions is {high} lines (at most {FUNCTION_LINES_95TH_MOST})"


if __name__ == "__main__":
    sys.exit(main())
