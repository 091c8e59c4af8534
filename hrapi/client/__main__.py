"""`python -m hrapi.client COMMAND …`: a module for each command, with `add_arguments` and `run`."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Protocol

from hrapi.client.access import add_access_arguments, client_of
from hrapi.client.client import Client
from hrapi.client.commands import analyze, pull, push
from hrapi.client.errors import ClientError, UsageError

EXIT_FAILED, EXIT_WRONG_USAGE, EXIT_INTERRUPTED = 1, 2, 130


class Command(Protocol):
    """A module that is a command. Its docstring is its help."""

    __doc__: str | None

    def add_arguments(self, parser: ArgumentParser) -> None: ...

    def run(self, client: Client, options: Namespace) -> int:
        """Does the work and returns the exit code. Raises ClientError."""
        ...


COMMANDS: dict[str, Command] = {"push": push, "pull": pull, "analyze": analyze}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        with client_of(options) as client:
            return command.run(client, options)
    except UsageError as error:
        return _failed(str(error), EXIT_WRONG_USAGE)
    except ClientError as error:
        return _failed(str(error), EXIT_FAILED)
    except BrokenPipeError:
        # Whoever reads the output has enough. Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except OSError as error:
        return _failed(f"{error.filename or 'The file'}: {error.strerror or error}", EXIT_FAILED)
    except KeyboardInterrupt:
        return _failed("Interrupted. Run the same command again.", EXIT_INTERRUPTED)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m hrapi.client",
        description="Sends files to the service and fetches datasets from it, by its API alone.",
        epilog="Exit codes: 0 done, 3 some rows were rejected, 4 every row was rejected, 1 it could not be done, "
        "2 wrong usage, 130 Ctrl-C.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").strip()
        sub = commands.add_parser(name, help=summary.partition("\n")[0], description=summary)
        command.add_arguments(sub)
        add_access_arguments(sub)
        sub.set_defaults(command=command)
    return parser


def _failed(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - it is a command
    return code


if __name__ == "__main__":
    sys.exit(main())
