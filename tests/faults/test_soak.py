"""The soak: what grows is found, what does not is not, and a short one works."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.serving import serving
from tests.faults.soak import soak
from tests.faults.watching import MIB, Request, Sample, judge

SECONDS = 600.0
Held = Callable[[float], float]


def flat(value: float) -> Held:
    return lambda at: value * (1 + 0.01 * (at % 3))


def rising(value: float, by: float, *, until: float = SECONDS) -> Held:
    """From `value` by `by` within so many seconds."""
    return lambda at: value + by * min(at / until, 1)


LEVEL = {"memory": flat(90 * MIB), "handles": flat(20), "disk": flat(8 * MIB)}


def samples(**other: Held) -> list[Sample]:
    held = LEVEL | other
    return [
        Sample(at, **{kind: {"web 1": held[kind](at)} for kind in held})
        for at in (n * 5.0 for n in range(121))
    ]


def requests(seconds: Held) -> list[Request]:
    return [Request(n / 2, seconds(n / 2)) for n in range(1200)]


EVEN = requests(flat(0.05))


def test_what_stays_is_no_growth() -> None:
    assert judge(samples(), EVEN, seconds=SECONDS) == []


def test_caches_may_fill_at_first() -> None:
    filling = rising(60 * MIB, 200 * MIB, until=100)
    assert judge(samples(memory=filling), EVEN, seconds=SECONDS) == []


@pytest.mark.parametrize(
    "kind, held, what",
    [
        ("memory", rising(90 * MIB, 25 * MIB), "web 1: its memory grew from "),
        ("memory", lambda at: (90 if at < 540 else 130) * MIB, "web 1: its memory grew from "),
        ("handles", rising(20, 15), "web 1: its handles grew from "),
        ("disk", rising(1 * MIB, 20 * MIB), "web 1: its disk grew from "),
    ],
)
def test_a_leak_is_found(kind: str, held: Held, what: str) -> None:
    [found] = judge(samples(**{kind: held}), EVEN, seconds=SECONDS)
    assert found.startswith(what)


def test_what_becomes_slower_is_found() -> None:
    [found] = judge(samples(), requests(rising(0.02, 0.1)), seconds=SECONDS)
    assert found == "95 % took 0.050 s in the third tenth and 0.120 s in the last"


def test_a_run_without_answers_or_without_samples_proves_nothing() -> None:
    assert judge(samples(), [], seconds=SECONDS)
    assert judge(samples()[:1], EVEN, seconds=SECONDS)


def test_a_short_soak_watches_every_process_and_is_answered_as_it_expects() -> None:
    with serving() as service:
        run = soak(service, seconds=8, measured=4, every=1)

    assert run.outcome.problems == []
    assert set(run.samples[-1].memory) == {"gunicorn", "web 1", "web 2", "task worker"}
    assert set(run.samples[-1].handles) == {*run.samples[-1].memory, "PostgreSQL"}
    assert all(held > 0 for held in run.samples[-1].memory.values())
    assert run.samples[-1].disk["scratch"] > 0
    assert run.requests
    assert "requests a second" in run.outcome.tried
