from __future__ import annotations

from pathlib import Path

from tests.readme import README, examples, outputs


def test_the_commands_of_the_readme_print_what_it_shows(tmp_path: Path):
    shown = examples(README.read_text())

    printed = outputs([example.command for example in shown], tmp_path)

    assert len(shown) > 5
    assert printed == [example.shown for example in shown]
