"""What is around a command: a terminal or a pipe, continuous integration, somebody who debugs, a token, a secret."""

from __future__ import annotations

import os
import sys

_YES = ("1", "true", "yes", "on")


def somebody_watches() -> bool:
    """Say whether both the output and the talk of this command go to a terminal."""
    return sys.stdout.isatty() and sys.stderr.isatty()


def in_continuous_integration() -> bool:
    """Say whether `CI` is set, as continuous integration services do."""
    return _is_on("CI")


def debugging() -> bool:
    """Say whether `STILLFRAME_DEBUG` asks for tracebacks."""
    return _is_on("STILLFRAME_DEBUG")


def server_token() -> str | None:
    """Return the token in `STILLFRAME_TOKEN`, which is for the server that a command asks and for nobody else."""
    return os.environ.get("STILLFRAME_TOKEN", "").strip() or None


def webhook_secret() -> str | None:
    """Return the signing secrets in `STILLFRAME_WEBHOOK_SECRET`, which `webhook verify` goes by without a file."""
    return os.environ.get("STILLFRAME_WEBHOOK_SECRET", "").strip() or None


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in _YES
