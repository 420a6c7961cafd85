"""``costlens completion``: the script by which a shell completes commands, options and words."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Annotated, Literal

from costlens.commands import command_names
from costlens.commands._cli import HELP, Argument, Given, echo, parameters

_BASH = """\
_costlens() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words= files=
  if [[ $before = "=" ]]; then before="${{COMP_WORDS[COMP_CWORD-2]}}"; fi
  if [[ $COMP_CWORD = 1 ]]; then words={commands}; fi
  case "${{COMP_WORDS[1]}} $before $word" in
{options}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ $word != -* && ( ${{#COMPREPLY[@]}} = 0 || $files ) ]]; then
    compopt -o filenames 2> /dev/null
    local IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$word"))
  fi
}}
complete -F _costlens costlens"""
_ZSH = "autoload -U +X compinit bashcompinit && compinit && bashcompinit"


def command(
    shell: Annotated[Literal["bash", "zsh", "fish"], Argument(help="The shell: bash, zsh or fish.")],
) -> None:
    """Print a script by which a shell completes commands, options and their words, and names of files.

    Example: costlens completion bash > ~/.local/share/bash-completion/completions/costlens
    """
    known = {name: [*parameters(import_module(f"costlens.commands.{name}").command)] for name in command_names()}
    if shell == "fish":
        echo("\n".join(_fish(known)))
        return
    options = [f"    {pattern}) words={_quoted(words)}{more} ;;" for pattern, words, more in _cases(known)]
    script = _BASH.format(commands=_quoted([*known, *HELP, "--version"]), options="\n".join(options))
    echo(f"{_ZSH}\n{script}" if shell == "zsh" else script)


def _cases(known: dict[str, list[Given]]) -> Iterator[tuple[str, Sequence[str], str]]:
    """Yield patterns of ``COMMAND BEFORE WORD`` with the words that are meant there, and whether files are, too."""
    for command, given in known.items():
        for each in given:
            for name in each.names if each.words else ():
                yield f'"{command} {name} "*', each.words, ""
        yield f'"{command} "*" -"*', [name for each in given for name in each.names + each.opposites] + [*HELP], ""
        placed = [each for each in given if not each.names and each.words]
        if words := [word for each in placed for word in each.words]:
            yield f'"{command} "*', words, " files=1" if any(each.how.files for each in placed) else ""


def _fish(known: dict[str, list[Given]]) -> Iterator[str]:
    yield f"complete -c costlens -n __fish_use_subcommand -f -a {_quoted([*known])}"
    for command, given in known.items():
        for each in given:
            names = " ".join(
                f"-{'l' if name[:2] == '--' else 's'} {name.lstrip('-')}" for name in each.names + each.opposites
            )
            alone = "" if each.how.files else " -x"
            value = (
                f"{alone} -a {_quoted(each.words)}" if each.words else " -r" if names and each.type is not bool else ""
            )
            if names or value:
                yield f"complete -c costlens -n '__fish_seen_subcommand_from {command}' {names}{value}"


def _quoted(words: Sequence[str]) -> str:
    return f'"{" ".join(words)}"'
