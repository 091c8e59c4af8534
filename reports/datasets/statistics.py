"""Summary statistics of hires: how departments, jobs and months differ."""

from __future__ import annotations

from reports.datasets.definition import Column, Dataset, Parameters, Type
from reports.datasets.hires import PERMISSION, SOURCES

HIRES_STATISTICS = Dataset(
    name="hires-statistics",
    title="Statistics of hires",
    description="Mean, median, mode, least, most and standard deviation of the hires of all departments, of all"
    " jobs, and of all months, in a year or a range of years. What has no hire counts as 0.",
    columns=(
        Column("from_year", Type.INTEGER, "First year of the hires."),
        Column("to_year", Type.INTEGER, "Last year of the hires."),
        Column("by", Type.TEXT, "What one number stands for: `department`, `job` or `month`."),
        Column(
            "count",
            Type.INTEGER,
            "How many departments, jobs or months there are.",
            is_measure=True,
        ),
        Column("hires", Type.INTEGER, "Employees hired, all together.", is_measure=True),
        Column("mean", Type.NUMBER, "Hires divided by the count.", is_measure=True),
        Column(
            "median",
            Type.NUMBER,
            "The middle number, or the mean of the two in the middle.",
            is_measure=True,
        ),
        Column(
            "mode", Type.INTEGER, "The most frequent number; of several the least.", is_measure=True
        ),
        Column("minimum", Type.INTEGER, "The least number.", is_measure=True),
        Column("maximum", Type.INTEGER, "The greatest number.", is_measure=True),
        Column(
            "standard_deviation",
            Type.NUMBER,
            "Of the whole population: the square root of the mean squared distance from the mean.",
            is_measure=True,
        ),
    ),
    key=("from_year", "to_year", "by"),
    query="""
    WITH {counted},
    years AS ({years}),
    observed AS (
        SELECT from_year, to_year, 'department' AS by, coalesce(sum(hires), 0)::bigint AS hires
        FROM years CROSS JOIN departments
        LEFT JOIN counted
            ON department_id = departments.id AND extract(year FROM month) BETWEEN from_year AND to_year
        GROUP BY from_year, to_year, departments.id
        UNION ALL
        SELECT from_year, to_year, 'job', coalesce(sum(hires), 0)::bigint
        FROM years CROSS JOIN jobs
        LEFT JOIN counted
            ON job_id = jobs.id AND extract(year FROM month) BETWEEN from_year AND to_year
        GROUP BY from_year, to_year, jobs.id
        UNION ALL
        SELECT from_year, to_year, 'month', coalesce(sum(hires), 0)::bigint
        FROM years CROSS JOIN LATERAL generate_series(
            make_timestamp(from_year, 1, 1, 0, 0, 0), make_timestamp(to_year, 12, 1, 0, 0, 0), interval '1 month'
        ) AS months (first)
        LEFT JOIN counted ON month = first
        GROUP BY from_year, to_year, first
    )
    SELECT from_year, to_year, by, count(*) AS count, sum(hires)::bigint AS hires,
           sum(hires)::float8 / count(*) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY hires) AS median,
           mode() WITHIN GROUP (ORDER BY hires) AS mode, min(hires) AS minimum, max(hires) AS maximum,
           stddev_pop(hires)::float8 AS standard_deviation
    FROM observed
    GROUP BY from_year, to_year, by""",
    permission=PERMISSION,
    sources=SOURCES,
    leaves_out="employees",
    parameters=Parameters.YEARS,
    order='from_year, to_year, by COLLATE "C"',
)
