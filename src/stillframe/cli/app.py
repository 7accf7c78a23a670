"""The root of the command line: every command and group by its name."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli import (
    audit,
    comments,
    dashboards,
    deliveries,
    groups,
    notifications,
    personas,
    projects,
    release,
    service,
    subscription_checks,
    subscriptions,
    tokens,
    upkeep,
    users,
    webhooks,
)
from stillframe.cli.demo import command as demo
from stillframe.cli.options import example

ABOUT = "Keep dated, provable frames of what dashboards showed, and tell people when the picture materially changed."
ENDINGS = (
    "Exit codes: 0 done, 1 it could not be done, 2 something in what you gave is wrong; of `release check` 0 pass, "
    "1 fail, 2 warn, 3 anything else."
)

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command("demo", epilog=demo.EXAMPLE)(demo.demo)
service.add_to(app)
upkeep.add_to(app)
app.add_typer(dashboards.group, name="dashboard")
subscription_checks.add_to(subscriptions.group)
app.add_typer(subscriptions.group, name="subscription")
app.add_typer(release.group, name="release")
app.add_typer(deliveries.group, name="delivery")
app.add_typer(webhooks.group, name="webhook")
app.add_typer(comments.group, name="comments")
app.add_typer(notifications.group, name="notifications")
app.add_typer(personas.group, name="persona")
app.add_typer(users.group, name="user")
app.add_typer(tokens.group, name="token")
app.add_typer(groups.group, name="group")
app.add_typer(projects.group, name="project")
app.add_typer(audit.group, name="audit")


def _version(wanted: bool) -> None:
    if wanted:
        from stillframe import __version__

        print(f"stillframe {__version__}")
        raise typer.Exit


@app.callback(
    help=f"{ABOUT}\n\n{ENDINGS}", epilog=example("stillframe demo", "stillframe dashboard apply dashboard.yaml")
)
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before any command."""
