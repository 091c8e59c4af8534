"""The datasets on hires. Years, quarters, months and days are those of UTC."""

from __future__ import annotations

from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from reports.datasets.definition import Column, Dataset, Parameters, Type

PERMISSION = "reports.view_report"
SOURCES = frozenset({"departments", "jobs", "employees"})

YEAR = Column("year", Type.INTEGER, "Year of the hires.")
DEPARTMENT = (
    Column("department_id", Type.INTEGER, "Id of the department."),
    Column("department", Type.TEXT, "Name of the department.", max_length=MAX_TEXT_LENGTH),
)
JOB = (
    Column("job_id", Type.INTEGER, "Id of the job."),
    Column("job", Type.TEXT, "Name of the job.", max_length=MAX_TEXT_LENGTH),
)

QUARTERLY_HIRES = Dataset(
    name="quarterly-hires",
    title="Quarterly hires",
    description="Employees hired in each quarter of a year, for each department and job with at least one hire"
    " in that year.",
    columns=(
        YEAR,
        *DEPARTMENT,
        *JOB,
        *(
            Column(
                f"q{quarter}",
                Type.INTEGER,
                f"Employees hired in quarter {quarter}.",
                is_measure=True,
            )
            for quarter in range(1, 5)
        ),
    ),
    key=("year", "department_id", "job_id"),
    query="""
    WITH hires AS (
        SELECT {year} AS year, department_id, job_id,
               count(*) FILTER (WHERE {q1}) AS q1, count(*) FILTER (WHERE {q2}) AS q2,
               count(*) FILTER (WHERE {q3}) AS q3, count(*) FILTER (WHERE {q4}) AS q4
        FROM employees WHERE {hired}
        GROUP BY 1, 2, 3
    )
    SELECT year, department_id, department, job_id, job, q1, q2, q3, q4
    FROM hires
    JOIN departments ON departments.id = department_id
    JOIN jobs ON jobs.id = job_id""",
    permission=PERMISSION,
    sources=SOURCES,
    leaves_out="employees",
    parameters=Parameters.YEARS,
)

DEPARTMENTS_ABOVE_MEAN = Dataset(
    name="departments-above-mean",
    title="Departments above the mean",
    description="Departments that hired more in a year than the mean over all departments. Those without a hire"
    " count as 0.",
    columns=(
        YEAR,
        *DEPARTMENT,
        Column(
            "hired",
            Type.INTEGER,
            "Employees that the department hired in the year.",
            is_measure=True,
        ),
        Column(
            "mean",
            Type.NUMBER,
            "Hires of all departments in the year, divided by their number.",
            is_measure=True,
        ),
    ),
    key=("year", "department_id"),
    order="year, hired DESC, department_id",
    # Whole numbers are compared: a mean that was rounded would decide wrongly.
    query="""
    WITH hires AS (
        SELECT {year} AS year, department_id, count(*) AS hired
        FROM employees WHERE {hired}
        GROUP BY 1, 2
    ),
    compared AS (
        SELECT year, department_id, hired, sum(hired) OVER (PARTITION BY year) AS total,
               (SELECT count(*) FROM departments) AS departments
        FROM hires
    )
    SELECT year, department_id, department, hired, total::float8 / departments AS mean
    FROM compared JOIN departments ON departments.id = department_id
    WHERE hired * departments > total""",
    permission=PERMISSION,
    sources=SOURCES,
    leaves_out="employees",
    parameters=Parameters.YEARS,
)

HIRES = Dataset(
    name="hires",
    title="Hires by month",
    description="Employees hired in each month, for each department and job: one number a row. Without a hire"
    " there is no row, unless zeros are asked for.",
    columns=(
        YEAR,
        Column("quarter", Type.INTEGER, "Quarter of the year, 1 to 4."),
        Column("month", Type.INTEGER, "Month of the year, 1 to 12."),
        *DEPARTMENT,
        *JOB,
        Column("hires", Type.INTEGER, "Employees hired.", is_measure=True),
    ),
    key=("year", "month", "department_id", "job_id"),
    query="""
    WITH {counted}
    SELECT extract(year FROM month)::int AS year, extract(quarter FROM month)::int AS quarter,
           extract(month FROM month)::int AS month, department_id, department, job_id, job, hires
    FROM {cells} AS cells
    JOIN departments ON departments.id = department_id
    JOIN jobs ON jobs.id = job_id""",
    permission=PERMISSION,
    sources=SOURCES,
    leaves_out="employees",
    parameters=Parameters.DAYS,
)
