"""What a fault test tried, and what it found."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Nothing lost means no problems. `problem` may be called from any thread."""

    name: str
    what: str
    tried: str = ""
    notes: list[str] = field(default_factory=list)
    ledger: str = ""
    """Totals of what clients sent and were told."""
    problems: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def problem(self, text: str) -> None:
        with self._lock:
            self.problems.append(text)

    def expect(self, holds: bool, text: str) -> None:
        if not holds:
            self.problem(text)
