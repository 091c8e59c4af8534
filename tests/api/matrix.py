"""Who may do what: every method of every address, by group, and by the scopes of a token."""

from __future__ import annotations

MATRIX = """
method path                                      nobody readers name_readers loaders stewards administrators scopes

GET    /api/v1/                                  yes    yes     yes          yes     yes      yes            any
GET    /api/v1/docs/                             yes    yes     yes          yes     yes      yes            any
GET    /api/v1/schema/                           yes    yes     yes          yes     yes      yes            any
POST   /api/v1/auth/login/                       yes    yes     yes          yes     yes      yes            -
POST   /api/v1/auth/logout/                      yes    yes     yes          yes     yes      yes            any
GET    /api/v1/auth/tokens/                      yes    yes     yes          yes     yes      yes            -
POST   /api/v1/auth/tokens/                      yes    yes     yes          yes     yes      yes            -
GET    /api/v1/auth/tokens/1/                    yes    yes     yes          yes     yes      yes            -
DELETE /api/v1/auth/tokens/1/                    yes    yes     yes          yes     yes      yes            -

GET    /api/v1/departments/                      -      yes     yes          yes     yes      yes            read
POST   /api/v1/departments/                      -      -       -            yes     yes      yes            ingest
GET    /api/v1/departments/1/trace/              -      -       -            yes     yes      yes            read
GET    /api/v1/departments/1/                    -      yes     yes          yes     yes      yes            read
PUT    /api/v1/departments/1/                    -      -       -            -       yes      yes            stewardship
PATCH  /api/v1/departments/1/                    -      -       -            -       yes      yes            stewardship
DELETE /api/v1/departments/1/                    -      -       -            -       -        yes            stewardship

GET    /api/v1/jobs/                             -      yes     yes          yes     yes      yes            read
POST   /api/v1/jobs/                             -      -       -            yes     yes      yes            ingest
GET    /api/v1/jobs/1/trace/                     -      -       -            yes     yes      yes            read
GET    /api/v1/jobs/1/                           -      yes     yes          yes     yes      yes            read
PUT    /api/v1/jobs/1/                           -      -       -            -       yes      yes            stewardship
PATCH  /api/v1/jobs/1/                           -      -       -            -       yes      yes            stewardship
DELETE /api/v1/jobs/1/                           -      -       -            -       -        yes            stewardship

GET    /api/v1/employees/                        -      yes     yes          yes     yes      yes            read
POST   /api/v1/employees/                        -      -       -            yes     yes      yes            ingest
GET    /api/v1/employees/1/trace/                -      -       -            yes     yes      yes            read
GET    /api/v1/employees/1/                      -      yes     yes          yes     yes      yes            read
PUT    /api/v1/employees/1/                      -      -       -            -       yes      yes            stewardship
PATCH  /api/v1/employees/1/                      -      -       -            -       yes      yes            stewardship
DELETE /api/v1/employees/1/                      -      -       -            -       -        yes            stewardship

GET    /api/v1/reports/quarterly-hires/          -      yes     yes          yes     yes      yes            reports
GET    /api/v1/reports/departments-above-mean/   -      yes     yes          yes     yes      yes            reports
GET    /api/v1/datasets/                         yes    yes     yes          yes     yes      yes            any
GET    /api/v1/datasets/departments/             -      yes     yes          yes     yes      yes            read
GET    /api/v1/datasets/jobs/                    -      yes     yes          yes     yes      yes            read
GET    /api/v1/datasets/employees/               -      yes     yes          yes     yes      yes            read
GET    /api/v1/datasets/quarterly-hires/         -      yes     yes          yes     yes      yes            reports
GET    /api/v1/datasets/departments-above-mean/  -      yes     yes          yes     yes      yes            reports
GET    /api/v1/datasets/hires/                   -      yes     yes          yes     yes      yes            reports
GET    /api/v1/datasets/hires-statistics/        -      yes     yes          yes     yes      yes            reports
GET    /api/v1/datasets/rejections/              -      -       -            yes     yes      yes            read
GET    /api/v1/datasets/rejected-rows/           -      -       -            yes     yes      yes            read

GET    /api/v1/visualizations/                   -      yes     yes          yes     yes      yes            reports
POST   /api/v1/visualizations/                   -      yes     yes          yes     yes      yes            -
GET    /api/v1/visualizations/1/figure/          -      yes     yes          yes     yes      yes            reports
GET    /api/v1/visualizations/1/image.png        -      yes     yes          yes     yes      yes            reports
GET    /api/v1/visualizations/1/image.svg        -      yes     yes          yes     yes      yes            reports
GET    /api/v1/visualizations/1/data.csv         -      yes     yes          yes     yes      yes            reports
GET    /api/v1/visualizations/1/shares/          -      yes     yes          yes     yes      yes            -
POST   /api/v1/visualizations/1/shares/          -      yes     yes          yes     yes      yes            -
GET    /api/v1/shares/                           -      yes     yes          yes     yes      yes            -
GET    /api/v1/shares/1/                         -      yes     yes          yes     yes      yes            -
DELETE /api/v1/shares/1/                         -      yes     yes          yes     yes      yes            -
GET    /api/v1/dashboards/                       -      yes     yes          yes     yes      yes            reports
POST   /api/v1/dashboards/                       -      yes     yes          yes     yes      yes            -
GET    /api/v1/dashboards/1/                     -      yes     yes          yes     yes      yes            reports
PATCH  /api/v1/dashboards/1/                     -      yes     yes          yes     yes      yes            -
DELETE /api/v1/dashboards/1/                     -      yes     yes          yes     yes      yes            -
GET    /api/v1/visualizations/1/                 -      yes     yes          yes     yes      yes            reports
PATCH  /api/v1/visualizations/1/                 -      yes     yes          yes     yes      yes            -
DELETE /api/v1/visualizations/1/                 -      yes     yes          yes     yes      yes            -

GET    /odata/v4                                 yes    yes     yes          yes     yes      yes            any
GET    /odata/v4/                                yes    yes     yes          yes     yes      yes            any
GET    /odata/v4/$metadata                       yes    yes     yes          yes     yes      yes            any
POST   /odata/v4/$batch                          yes    yes     yes          yes     yes      yes            any
GET    /odata/v4/Departments                     -      yes     yes          yes     yes      yes            read
GET    /odata/v4/Departments/$count              -      yes     yes          yes     yes      yes            read
GET    /odata/v4/DepartmentsAboveMean            -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/DepartmentsAboveMean/$count     -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/Employees                       -      yes     yes          yes     yes      yes            read
GET    /odata/v4/Employees/$count                -      yes     yes          yes     yes      yes            read
GET    /odata/v4/Hires                           -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/Hires/$count                    -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/HiresStatistics                 -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/HiresStatistics/$count          -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/Jobs                            -      yes     yes          yes     yes      yes            read
GET    /odata/v4/Jobs/$count                     -      yes     yes          yes     yes      yes            read
GET    /odata/v4/QuarterlyHires                  -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/QuarterlyHires/$count           -      yes     yes          yes     yes      yes            reports
GET    /odata/v4/RejectedRows                    -      -       -            yes     yes      yes            read
GET    /odata/v4/RejectedRows/$count             -      -       -            yes     yes      yes            read
GET    /odata/v4/Rejections                      -      -       -            yes     yes      yes            read
GET    /odata/v4/Rejections/$count               -      -       -            yes     yes      yes            read

GET    /api/v1/batches/                          -      -       -            yes     yes      yes            read
GET    /api/v1/batches/1/                        -      -       -            yes     yes      yes            read
POST   /api/v1/batches/1/undo/                   -      -       -            -       -        yes            stewardship
GET    /api/v1/batches/1/rejected-rows.csv       -      -       -            yes     yes      yes            read
GET    /api/v1/rejected-rows.csv                 -      -       -            yes     yes      yes            read
GET    /api/v1/rejected-rows/                    -      -       -            yes     yes      yes            read
GET    /api/v1/rejected-rows/1/                  -      -       -            yes     yes      yes            read
POST   /api/v1/rejected-rows/1/resubmit/         -      -       -            -       yes      yes            stewardship+ingest
POST   /api/v1/rejected-rows/resubmit/           -      -       -            -       yes      yes            stewardship
POST   /api/v1/rejected-rows/discard/            -      -       -            -       yes      yes            stewardship
POST   /api/v1/rejected-rows/reopen/             -      -       -            -       yes      yes            stewardship
GET    /api/v1/loads/                            -      -       -            yes     yes      yes            read
POST   /api/v1/loads/                            -      -       -            yes     yes      yes            ingest
POST   /api/v1/loads/1/undo/                     -      -       -            -       -        yes            stewardship
GET    /api/v1/loads/1/rejected-rows.csv         -      -       -            yes     yes      yes            read
GET    /api/v1/loads/1/                          -      -       -            yes     yes      yes            read
GET    /api/v1/audit-events/                     -      -       -            -       -        yes            -
GET    /metrics                                  -      -       -            yes     yes      yes            read
"""  # noqa: E501
"""`scopes` are those that a token needs, of a user who may do everything; `-` is for no token with scopes."""

NEEDED_QUERY = {"/api/v1/rejected-rows.csv": "?table=jobs"}
GROUPS = ["nobody", "readers", "name_readers", "loaders", "stewards", "administrators"]
SEE_NAMES = {"name_readers", "loaders", "stewards", "administrators"}
"""The groups that see names of people; a token needs the scope `read` for it."""


def matrix(column: str) -> dict[tuple[str, str], str]:
    """What stands in a column of the table, by method and path."""
    header, *lines = [line.split() for line in MATRIX.splitlines() if line]
    return {(line[0], line[1]): line[header.index(column)] for line in lines}
