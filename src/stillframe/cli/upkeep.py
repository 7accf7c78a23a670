"""Commands that keep an installation well: backup, restore, doctor, and cleanup under dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from stillframe.cli.desk import log_to_stderr, opened
from stillframe.cli.faults import COULD_NOT
from stillframe.cli.options import Config, Format, example
from stillframe.cli.output import facts, give, say, table
from stillframe.errors import InvalidInput

if TYPE_CHECKING:
    from stillframe.flows.backup import Installation

PASSPHRASE_BYTES_MOST = 4_096
PassphraseFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--with-key", metavar="PASSPHRASE-FILE", help="Also the key of secrets, under this file's passphrase."
    ),
]
BackupFile: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the root."""
    app.command(
        "backup",
        epilog=example(
            "stillframe backup monday.stillframe", "stillframe backup all.stillframe --with-key passphrase.txt"
        ),
    )(backup)
    app.command(
        "restore",
        epilog=example("stillframe restore monday.stillframe", "stillframe restore monday.stillframe --force"),
    )(restore)
    app.command("doctor", epilog=example("stillframe doctor --format json"))(doctor)


def add_to_dashboards(group: typer.Typer) -> None:
    """Put cleanup under the dashboards."""
    group.command("cleanup", epilog=example("stillframe dashboard cleanup --dry-run"))(cleanup)


def backup(
    *, file: BackupFile, with_key: PassphraseFile = None, output: Format = "table", config: Config = None
) -> None:
    """Write the whole database into one new file, as it is at one moment, while everything goes on."""
    from stillframe import __version__
    from stillframe.flows.backup import back_up
    from stillframe.wiring import now

    here, passphrase = _here(config), _passphrase(with_key)
    done = back_up(here, file.absolute(), passphrase=passphrase, now=now(), version=__version__)
    document = done.as_dict()
    give(document, output=output, lines=facts(document))
    if passphrase is None:
        say(f"The key of secrets is not in the backup: keep a copy of it ({here.key_place}) in another place.")


def restore(
    *,
    file: BackupFile,
    force: Annotated[bool, typer.Option("--force", help="Also where a database with something in it is.")] = False,
    with_key: PassphraseFile = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Put a backup in the place of the database; stop the server and the workers first."""
    from stillframe.flows.backup import restore as put_back
    from stillframe.wiring import now

    here, passphrase = _here(config), _passphrase(with_key)
    document = put_back(here, file.absolute(), passphrase=passphrase, force=force, now=now()).as_dict()
    give(document, output=output, lines=facts({name: found for name, found in document.items() if name != "paused"}))
    for lost in document["paused"]:
        say(f"Paused, because the key of its address is not here: {lost['webhook']} ({lost['subscription']})")
    if document["old_key"]:
        say(f"Another key of secrets was here; it is kept at {document['old_key']}.")


def doctor(*, output: Format = "table", config: Config = None) -> None:
    """
    Examine the installation and change nothing: every payload against its hash, records, triggers, the key.

    Exit code 1 when something is broken, 0 when there is nothing or only warnings.
    """
    from stillframe.flows.doctor import examine

    found = examine(_here(config))
    rows = [item.as_dict() for item in found.items]
    give(found.as_dict(), output=output, lines=table(rows, ["level", "check", "message"]))
    if not found.healthy:
        raise typer.Exit(COULD_NOT)


def cleanup(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed and remove nothing.")] = False,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Remove payloads and log rows that have had their time; records and their metric values stay for ever."""
    from stillframe.flows.cleanup import cleanup as clean

    with opened(config) as desk:
        document = clean(desk.services, desk.caller, dry_run=dry_run).as_dict()
    give(document, output=output, lines=_cleanup_lines(document))
    if document["damaged_chains"]:
        say("Some payloads could not be read and were left as they are: `stillframe doctor` says which.")


def _cleanup_lines(document: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        {"class": name, "removed": found["removed"], "kept": _counts(found["kept"]), "before": found["before"]}
        for name, found in document["classes"].items()
    ]
    yield from table(rows, ["class", "removed", "kept", "before"])
    payloads = ("payloads_removed", "payloads_kept", "payloads_recoded", "bytes_freed")
    shown = (*payloads, "reports_removed", "reports_kept", "report_bytes_freed")
    yield from facts({name: document[name] for name in shown} | {"log_rows_removed": _counts(document["log"])})


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counted.items() if number)


def _here(config: Path | None) -> Installation:
    from stillframe.config import load_settings
    from stillframe.wiring import installation

    log_to_stderr()
    return installation(load_settings(config))


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            text = stream.read(PASSPHRASE_BYTES_MOST + 1).rstrip(b"\r\n")
    except OSError as error:
        raise InvalidInput(f"the passphrase cannot be read: {file}: {error.strerror}") from error
    if not text or len(text) > PASSPHRASE_BYTES_MOST:
        raise InvalidInput(f"{file} holds no passphrase: one line of at most {PASSPHRASE_BYTES_MOST} bytes is expected")
    return text
