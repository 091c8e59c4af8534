"""Two numbers of hires compared, in a few words."""

from __future__ import annotations

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.words.text import counted, number, percentage, signed


def change_of(change: Change) -> str:
    """`34 more hires (+7.3%), no clear change`; without the percentage where the base is too small for one."""
    if not change.difference:
        return "as many hires"
    size = counted(abs(change.difference), "hire")
    words, rest = size.split(" ", 1)
    text = f"{words} {'more' if change.difference > 0 else 'fewer'} {rest}"
    if change.has_percentage:
        text += f" ({percentage(change)})"
    return text if change.is_clear else f"{text}: no clear change"


def cell_of(change: Change) -> str:
    """`+34 (+7.3%)`, `+3`."""
    shown = percentage(change)
    return f"{signed(change.difference)} ({shown})" if shown else signed(change.difference)


def verdict_of(change: Change, *, of_many: bool = False) -> str:
    is_clear = change.is_clear_of_many if of_many else change.is_clear
    if not is_clear:
        return "no clear change"
    return "clearly more" if change.difference > 0 else "clearly fewer"


def from_to(change: Change) -> str:
    return f"from {number(change.before)} to {number(change.after)}"
