"""``costlens`` and ``python -m costlens``: one command per file of ``commands/``, imported only when asked for."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from typing import Annotated

import typer

from costlens import __version__
from costlens.commands import command_names
from costlens.errors import CostlensError, not_installed

_INTERRUPTED = 130
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else every installed package is asked for one
gc.set_threshold(50_000, 20, 20)  # starting up makes objects, hardly garbage: looking for it is a tenth of `count`


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"costlens {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Say what a network costs, what another kind of convolution would cost, and prove it."""


def app(arguments: list[str]) -> typer.Typer:
    """Return the application with the command that the arguments name, or with all of them."""
    names = command_names()
    asked = next((word for word in arguments if not word.startswith("-")), None)
    made = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
    made.callback()(_options)
    for name in (asked,) if asked in names else names:
        made.command(name)(import_module(f"costlens.commands.{name}").command)
    return made


def main() -> None:
    """Run the command line; errors are one message and an exit code, tracebacks come with ``--debug`` only."""
    arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is half-written goes, as where one interrupts
    try:
        app(arguments)(arguments)
    except CostlensError as error:
        if "--debug" in arguments:
            raise
        typer.echo(_shown(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing half-written is left", err=True)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if "--debug" in arguments:
            raise
        if missing := not_installed(error):
            typer.echo(str(missing), err=True)
            sys.exit(missing.exit_code)
        what = f"{type(error).__name__}: {_shown(error)}"
        typer.echo(f"costlens: a mistake of ours, not yours: {what}; `costlens --debug …` shows where", err=True)
        sys.exit(1)
    finally:
        gc.freeze()  # the process ends: looking through every object for garbage once more took 30 ms of `count`


def _shown(error: Exception) -> str:
    """Return what an error says; it quotes names that others gave."""
    from costlens.formats.escape import plain

    return plain(str(error), lines=True)


if __name__ == "__main__":
    main()
