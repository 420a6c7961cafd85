"""``costlens`` and ``python -m costlens``: one command per file of ``commands/``, imported only when asked for."""

import gc
import os
import signal
import sys
from io import TextIOWrapper

_INTERRUPTED = 130
_HELP = ("-h", "--help", "help")
_VERSION = ("-V", "--version", "version")
_WIDTH = 100
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else every installed package is asked for one
gc.set_threshold(50_000, 20, 20)  # starting up makes objects, hardly garbage: looking for it is a tenth of `count`


def main() -> None:
    """Run the command line. An error is one message and an exit code; ``--debug`` shows its traceback."""
    words = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is half-written goes, as where one interrupts
    try:
        _prepare_streams()
        _run([word for word in words if word != "--debug"])
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        print(f"interrupted; {str(stop) or 'nothing half-written is left'}", file=sys.stderr)  # noqa: T201
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except Exception as error:
        if "--debug" in words:
            raise
        sys.exit(_reported(error))
    finally:
        gc.freeze()  # the process ends: looking through every object for garbage once more took 30 ms of `count`


def _run(words: list[str]) -> None:
    from costlens import __version__
    from costlens.commands import command_names
    from costlens.commands._cli import HELP, arguments, echo, help_text
    from costlens.errors import UsageError, did_you_mean

    name, *rest = words or ["--help"]
    if name in _VERSION:
        echo(f"costlens {__version__}")
    elif name in _HELP and not rest:
        from costlens.commands._overview import overview

        echo(overview(_width()))
    else:
        if name in _HELP:
            name, rest = rest[0], ["--help"]
        if name not in command_names():
            what = "option" if name.startswith("-") else "command"
            known = (*command_names(), *_HELP, *_VERSION, "--debug")
            guess = did_you_mean(name, known) or "; costlens --help lists what there is"
            raise UsageError(f"costlens {name}: no such {what}{guess}")
        from importlib import import_module

        command = import_module(f"costlens.commands.{name}").command
        if any(word in HELP for word in rest):
            echo(help_text(name, command, _width()))
        else:
            command(**arguments(name, command, rest))


def _width() -> int:
    from shutil import get_terminal_size

    return min(get_terminal_size((_WIDTH, 25)).columns, _WIDTH)


def _prepare_streams() -> None:
    """Write UTF-8 into files and pipes, and to a terminal what it can show: no character is an error."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open until the process ends
        elif isinstance(stream, TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _drop_output() -> None:
    """Let what is left in the buffer of standard output go nowhere; writing it again would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reported(error: Exception) -> int:
    """Print what an error says and return its exit code; an error that is not of ours is a fault of the program."""
    from costlens.errors import CostlensError, UsageError, not_installed
    from costlens.formats.escape import plain  # an error quotes names that others gave

    error = not_installed(error) or error
    code, message = 1, plain(str(error), lines=True)
    if isinstance(error, CostlensError):
        code = error.exit_code
    elif isinstance(error, OSError):
        code = UsageError.exit_code
        place = f"{plain(str(error.filename))}: " if error.filename else ""
        message = f"costlens: {place}{(error.strerror or message).lower()}"
        _drop_output()
    else:
        message = f"costlens: internal error, please report: {type(error).__name__}: {message} (traceback: --debug)"
    print(message, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    main()
