"""Jobs: what the child process can be asked for by name, and where each is loaded from when it is first asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final, TypeAlias

Job: TypeAlias = Callable[[Sequence[bytes]], bytes]
"""Given the parts of its input, returns the result; whatever it raises ends this job and no other."""

JOBS: Final = MappingProxyType(
    {
        "chart_svg": "stillframe.render.charts:svg",
        "chart_png": "stillframe.render.charts:png",
        "pdf": "stillframe.render.pdf:compile_pdf",
        "warm_up": "stillframe.render.jobs:warm_up",
    }
)


def job_named(name: str) -> Job:
    """
    Return the function of a job; its module, and with it a heavy library, is imported now.

    Errors  KeyError if there is no such job.
    """
    module, _, function = JOBS[name].partition(":")
    found: Job = getattr(import_module(module), function)
    return found


def warm_up(parts: Sequence[bytes]) -> bytes:
    """Import what the other jobs need and compile something small with each, so that the next one is quick."""
    for module in dict.fromkeys(place.partition(":")[0] for place in JOBS.values()):
        if module != __name__:
            import_module(module).warm_up()
    return b"".join(parts)
