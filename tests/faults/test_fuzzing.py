"""The fuzzing of `make faults`, with fewer examples, which are the same each time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.matrix import GROUPS
from tests.faults.fuzzing import PHASES, fuzz
from tests.faults.serving import Service, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving() as service:
        yield service


# One who may do it all tries all that the document describes, at every limit, which takes most of the time.
@pytest.mark.parametrize(
    "role, phases, examples",
    [
        ("administrators", PHASES, 3),
        *((role, ["fuzzing"], 2) for role in GROUPS if role != "administrators"),
    ],
)
def test_every_answer_is_as_the_document_says(
    running: Service, role: str, phases: list[str], examples: int
) -> None:
    running.empty()

    outcome = fuzz(running, [role], phases=phases, examples=examples)

    running.check_log(outcome)
    assert outcome.problems == []
    assert outcome.tried
