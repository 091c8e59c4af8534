"""Every dataset there is. Whatever shows datasets reads it; a new one is added here and nowhere else."""

from __future__ import annotations

from functools import cache

from hrapi.tables import all_tables
from reports.datasets.definition import Dataset
from reports.datasets.hires import DEPARTMENTS_ABOVE_MEAN, HIRES, QUARTERLY_HIRES
from reports.datasets.rejections import REJECTED_ROWS, REJECTIONS
from reports.datasets.statistics import HIRES_STATISTICS
from reports.datasets.tables import table_dataset


@cache
def all_datasets() -> tuple[Dataset, ...]:
    """The tables first, then what is made of them."""
    return (
        *(table_dataset(table) for table in all_tables()),
        QUARTERLY_HIRES,
        DEPARTMENTS_ABOVE_MEAN,
        HIRES,
        HIRES_STATISTICS,
        REJECTIONS,
        REJECTED_ROWS,
    )


def get_dataset(name: str) -> Dataset:
    """Raises LookupError for a name that there is not."""
    for dataset in all_datasets():
        if dataset.name == name:
            return dataset
    raise LookupError(name)
