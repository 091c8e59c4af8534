"""docs/client.md names every option of the client, and no other."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path

import pytest

from hrapi.client.__main__ import COMMANDS
from hrapi.client.access import add_access_arguments
from tests.test_docs import document, names_in, table_after


def options_of(parser: ArgumentParser) -> set[str]:
    options = {option for action in parser._actions for option in action.option_strings}
    return options - {"-h", "--help"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_documented(name: str) -> None:
    parser = ArgumentParser()
    COMMANDS[name].add_arguments(parser)

    listed = names_in([row[0] for row in table_after(f"## `{name}`", document("client.md"))])

    assert {option.split()[0] for option in listed} == options_of(parser)


def test_the_options_that_every_command_has_are_documented() -> None:
    parser = ArgumentParser()
    add_access_arguments(parser)

    listed = names_in(
        [row[0] for row in table_after("## The service and the token", document("client.md"))]
    )

    assert {option.split()[0] for option in listed} == options_of(parser)


def test_the_settings_file_is_the_documented_one() -> None:
    from hrapi.client.access import settings_file

    shown = settings_file().relative_to(Path.home())

    assert f"`~/{shown}`" in document("client.md")
    assert re.search(r'^token = "', document("client.md"), re.MULTILINE)
