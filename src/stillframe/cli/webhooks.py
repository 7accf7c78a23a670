"""Commands for people who write receivers of webhooks: verify."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from stillframe.cli.faults import COULD_NOT
from stillframe.cli.given import STANDARD_INPUT, read_bytes
from stillframe.cli.options import Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give
from stillframe.cli.surroundings import webhook_secret
from stillframe.errors import InvalidInput

HeaderOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="'NAME: VALUE'", help="A header of the request; may be given several times."),
]
HeadersFile: TypeAlias = Annotated[
    str | None,
    typer.Option("--headers-file", metavar="FILE", help="The head of the request, as it came or was logged."),
]
SecretFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="The signing secret, or the two in force; by default STILLFRAME_WEBHOOK_SECRET.",
    ),
]
Tolerance: TypeAlias = Annotated[
    int, typer.Option("--tolerance", metavar="SECONDS", min=0, help="How old the signature may be.")
]
Body: TypeAlias = Annotated[str, typer.Argument(metavar="BODY", help="The body's bytes; - for standard input.")]

_FIELD = re.compile(r"(?:[<>] ?)?([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*")
_START = re.compile(r"(?:[<>] ?)?(?:[A-Z]+ \S+ HTTP/\d(?:\.\d)?|HTTP/\d.*)")

group = new_group("Help for whoever writes a receiver of webhooks.")


@group.command(
    "verify",
    epilog=example(
        "stillframe webhook verify body.json --headers-file head.txt --secret-file secret.txt",
        "stillframe webhook verify --header 'webhook-id: …' --header 'webhook-timestamp: …' "
        "--header 'webhook-signature: …' < body.json",
    ),
)
def verify(
    *,
    body: Body = STANDARD_INPUT,
    header: HeaderOption = None,
    headers_file: HeadersFile = None,
    secret_file: SecretFile = None,
    tolerance: Tolerance = 300,
    output: Format = "table",
) -> None:
    """
    Say whether a webhook is genuine, and if not, what is wrong with it.

    Exit code 0 when it is valid, 1 when it is not.
    """
    from stillframe.notify.verifying import verify_webhook

    headers = {**_head(headers_file), **_fields(header or (), option="--header")}
    found = verify_webhook(
        read_bytes(body, option="BODY"),
        headers,
        secrets=_secrets(secret_file),
        now=datetime.now(UTC),
        tolerance_seconds=tolerance,
    )
    document = found.as_dict()
    give(document, output=output, lines=facts({name: value for name, value in document.items() if value != ""}))
    if not found.valid:
        raise typer.Exit(COULD_NOT)


def _head(file: str | None) -> Mapping[str, str]:
    """Return the fields in the head of a request: up to the first empty line, and without the line that begins it."""
    if file is None:
        return {}
    lines = read_bytes(file, option="--headers-file").decode("latin-1").splitlines()
    while lines and (not lines[0].strip() or _START.fullmatch(lines[0])):
        del lines[0]
    return _fields(_until_empty(lines), option="--headers-file")


def _until_empty(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.strip(" \t<>") == "":
            return
        yield line


def _fields(lines: Sequence[str] | Iterator[str], *, option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise InvalidInput.at(option, f"write a header as `name: value`, not {line[:80]!r}")
        found[match[1].lower()] = match[2]
    return found


def _secrets(file: str | None) -> list[str]:
    if file == STANDARD_INPUT:
        raise InvalidInput.at("--secret-file", "standard input is the body's; name a file")
    text = webhook_secret() if file is None else read_bytes(file, option="--secret-file").decode("utf8", "replace")
    secrets = (text or "").split()
    if not secrets:
        raise InvalidInput.at(
            "--secret-file", "there is no secret: name a file that holds it, or set STILLFRAME_WEBHOOK_SECRET"
        )
    return secrets
