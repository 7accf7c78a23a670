"""Opening a file under the folder of a connection, and nowhere else."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from stillframe.capture.interface import Connection
from stillframe.errors import CaptureRefused, Fault, SourceFailed

_PATH = "$.path"


def folder_of(connection: Connection) -> Path:
    """Return the real folder that a connection names: a path, or a `file:` URL; relative from `connection.folder`."""
    url = connection.url
    stated = unquote(urlsplit(url).path) if url.startswith("file:") else url
    if "://" in stated or "\x00" in stated or not stated:
        raise SourceFailed(f"the connection {connection.name!r} is no folder; write a path or file:///PATH")
    folder = connection.folder / stated
    if not folder.is_dir():
        raise SourceFailed(f"the folder of the connection {connection.name!r} is not there")
    return folder.resolve()


def read_under(root: Path, path: str, *, most_bytes: int) -> bytes:
    """
    Return the content of a regular file whose real place is under `root`.

    The path is resolved first, then walked again from the root without following any link, so that a link that is
    put in between leads nowhere.

    Shape   `root` is resolved already.
    Errors  CaptureRefused at `$.path` for a path that leaves the root, is no regular file or is too large; SourceFailed
            for a file that is not there or cannot be read.
    """
    check_path(path)
    try:
        parts = (root / path).resolve().relative_to(root).parts
    except ValueError:
        raise _refused("this leads out of the folder of the connection") from None
    except (OSError, RuntimeError):
        raise SourceFailed(f"the file {path!r} cannot be reached") from None
    if not parts:
        raise _refused("this is the folder itself; name a file in it")
    try:
        handle = _open_without_links(root, parts)
    except OSError as error:
        raise SourceFailed(f"the file {path!r} cannot be read: {os.strerror(error.errno or 0)}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _refused("this is no regular file")
    with os.fdopen(handle, "rb") as file:
        try:
            data = file.read(most_bytes + 1)
        except OSError as error:
            raise SourceFailed(f"the file {path!r} cannot be read: {os.strerror(error.errno or 0)}") from None
    if len(data) > most_bytes:
        raise _refused(f"the file is larger than {most_bytes >> 20} MiB")
    return data


def check_path(path: str) -> None:
    """Refuse at `$.path` a path that is absolute, climbs, or is no name of a file."""
    pure = PurePosixPath(path)
    if not path or "\x00" in path:
        raise _refused("a path is a name of a file, such as daily/scores.csv")
    if pure.is_absolute() or ".." in pure.parts:
        raise _refused("a path starts in the folder of the connection and never climbs (`..`)")
    with suppress(UnicodeEncodeError):
        path.encode("utf-8")
        return
    raise _refused("a lone surrogate is no character; write whole characters")


def _open_without_links(root: Path, parts: tuple[str, ...]) -> int:
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        # Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)


def _refused(message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=_PATH, message=message)])
