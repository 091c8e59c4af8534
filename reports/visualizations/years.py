from __future__ import annotations

from datetime import UTC

from django.db.models import Max, Min

from employees.models import Employee


def years_of_hires() -> list[int]:
    """Each year from the last with a hire down to the first; none without hires."""
    ends = Employee.objects.aggregate(first=Min("datetime"), last=Max("datetime"))
    if ends["first"] is None:
        return []
    first, last = (ends[end].astimezone(UTC).year for end in ("first", "last"))
    return list(range(last, first - 1, -1))
