"""Jobs: every name leads to a function, and a name that nobody knows to none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stillframe.render.jobs import JOBS, job_named


@pytest.mark.parametrize("name", sorted(JOBS))
def test_every_job_is_where_it_is_said_to_be(name: str) -> None:
    """A job is loaded when it is first asked for; a wrong place would be found by the first reader."""
    assert callable(job_named(name))


def test_an_unknown_job_is_an_error() -> None:
    """Nothing is imported for the asking."""
    with pytest.raises(KeyError):
        job_named("os:system")


def test_whoever_asks_never_loads_a_compiler() -> None:
    """They are large, and hold the interpreter while they work: only the child may have them."""
    program = "import sys, stillframe.render; print({'typst', 'vl_convert'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
