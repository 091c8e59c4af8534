"""What to paste into each tool to read a dataset, with the reader's own address and name."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from reports.datasets.definition import Column, Dataset, Type
from reports.sql_views.definitions import view_of

_VARIABLE = "HRAPI_TOKEN"
"""The environment variable that the token is in."""

_M_TYPES = {
    Type.INTEGER: "Int64.Type",
    Type.NUMBER: "type number",
    Type.TEXT: "type text",
    Type.DATETIME: "type datetimezone",
    Type.DATE: "type date",
}
_INFINITY_TYPES = {
    Type.INTEGER: "number",
    Type.NUMBER: "number",
    Type.TEXT: "string",
    Type.DATETIME: "timestamp",
    Type.DATE: "timestamp",
}


@dataclass(frozen=True)
class Reader:
    """Who reads, from where: `address` is that of the service as the reader knows it, with a slash at its end."""

    address: str
    user_name: str

    @property
    def odata(self) -> str:
        return f"{self.address}odata/v4/"

    def rows(self, dataset: Dataset, form: str) -> str:
        return f"{self.address}api/v1/datasets/{dataset.name}/?format={form}"


@dataclass(frozen=True)
class Snippet:
    """`what` says where the text goes."""

    what: str
    text: str


@dataclass(frozen=True)
class Tool:
    name: str
    steps: tuple[str, ...]
    snippets: tuple[Snippet, ...] = ()


def token_order(reader: Reader) -> str:
    order = json.dumps({"name": "analysis", "scopes": ["read", "reports"], "expires_days": 90})
    return (
        f"curl -u {shlex.quote(reader.user_name)} -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(order)} \\\n"
        f"  {shlex.quote(f'{reader.address}api/v1/auth/tokens/')}"
    )


def odata_query(reader: Reader, dataset: Dataset) -> str:
    """M of Power Query: the set of a dataset, typed, with filters that the service carries out."""
    return (
        "let\n"
        f'    Source = OData.Feed("{reader.odata}", null, [Implementation = "2.0"]),\n'
        f'    Rows = Source{{[Name = "{dataset.set_name}", Signature = "table"]}}[Data]\n'
        "in\n"
        "    Rows"
    )


def csv_query(reader: Reader, dataset: Dataset, columns: Sequence[Column]) -> str:
    """M of Power Query: the CSV, with the types of its columns. Columns that are added do not disturb it."""
    types = ", ".join(f'{{"{column.name}", {_M_TYPES[column.type]}}}' for column in columns)
    return (
        "let\n"
        f'    Answer = Web.Contents("{reader.address}", [RelativePath = "api/v1/datasets/{dataset.name}/",'
        ' Query = [format = "csv"]]),\n'
        '    Lines = Csv.Document(Answer, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),\n'
        "    Table = Table.PromoteHeaders(Lines, [PromoteAllScalars = true]),\n"
        f'    Typed = Table.TransformColumnTypes(Table, {{{types}}}, "en-US")\n'
        "in\n"
        "    Typed"
    )


def infinity_source(reader: Reader) -> str:
    """How Grafana is told of the service: a file of its provisioning."""
    parts = urlsplit(reader.address)
    return (
        "apiVersion: 1\n"
        "datasources:\n"
        "  - name: Hiring data\n"
        "    type: yesoreyeram-infinity-datasource\n"
        "    basicAuth: true\n"
        f"    basicAuthUser: {json.dumps(reader.user_name)}\n"
        "    jsonData:\n"
        "      auth_method: basicAuth\n"
        f"      allowedHosts: [{json.dumps(f'{parts.scheme}://{parts.netloc}')}]\n"
        "    secureJsonData:\n"
        "      basicAuthPassword: $HRAPI_TOKEN"
    )


def infinity_query(reader: Reader, dataset: Dataset, columns: Sequence[Column]) -> str:
    query = {
        "type": "json",
        "parser": "backend",
        "source": "url",
        "format": "table",
        "url": reader.rows(dataset, "json"),
        "url_options": {"method": "GET"},
        "root_selector": "",
        "columns": [
            {"selector": c.name, "text": c.name, "type": _INFINITY_TYPES[c.type]} for c in columns
        ],
    }
    return json.dumps(query, indent=2)


def pandas_code(reader: Reader, dataset: Dataset) -> str:
    return (
        "import os\n"
        "import pandas\n\n"
        f'login = {{"Authorization": "Token " + os.environ["{_VARIABLE}"]}}\n'
        f'rows = pandas.read_csv("{reader.rows(dataset, "csv")}", storage_options=login,\n'
        # Else a department that is called NA would be none.
        '                       keep_default_na=False, na_values=[""])'
    )


def polars_code(reader: Reader, dataset: Dataset) -> str:
    return (
        "import os\n"
        "import polars\n"
        "import requests\n\n"
        f'login = {{"Authorization": "Token " + os.environ["{_VARIABLE}"]}}\n'
        f'answer = requests.get("{reader.rows(dataset, "csv")}", headers=login, timeout=100)\n'
        "answer.raise_for_status()\n"
        "rows = polars.read_csv(answer.content, try_parse_dates=True, infer_schema_length=None)"
    )


def r_code(reader: Reader, dataset: Dataset) -> str:
    return (
        "library(httr2)\n\n"
        f'answer <- request("{reader.rows(dataset, "csv")}") |>\n'
        f'  req_headers(Authorization = paste("Token", Sys.getenv("{_VARIABLE}"))) |>\n'
        "  req_perform()\n"
        "rows <- read.csv(text = resp_body_string(answer))"
    )


def curl_command(reader: Reader, dataset: Dataset) -> str:
    return (
        'curl -fsS --compressed -H "Authorization: Token $HRAPI_TOKEN" \\\n'
        f"  -o {dataset.name}.csv {shlex.quote(reader.rows(dataset, 'csv'))}"
    )


def sheets_code(reader: Reader, dataset: Dataset) -> str:
    return (
        "function refresh() {\n"
        '  const token = PropertiesService.getScriptProperties().getProperty("HRAPI_TOKEN");\n'
        f'  const answer = UrlFetchApp.fetch("{reader.rows(dataset, "csv")}",\n'
        '    {headers: {Authorization: "Token " + token}});\n'
        "  const rows = Utilities.parseCsv(answer.getContentText());\n"
        "  const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheets()[0];\n"
        "  sheet.clearContents();\n"
        "  sheet.getRange(1, 1, rows.length, rows[0].length).setValues(rows);\n"
        "}"
    )


def tools_for(reader: Reader, dataset: Dataset, columns: Sequence[Column]) -> tuple[Tool, ...]:
    """Each tool, with this dataset as the example; the columns are those that the reader may see."""
    login = "When asked, choose Basic: your user name, and the token as the password."
    view = view_of(dataset, columns)
    first = columns[0].name
    return (
        Tool(
            "Excel",
            (
                "Open one of the .odc files of the table above: it asks for the login and loads the dataset.",
                f"Or: Data, Get Data, From Other Sources, From OData Feed, and paste {reader.odata}",
                login,
                "Refresh All brings the rows of the moment.",
            ),
            (
                Snippet(
                    "As a blank query, in the Advanced Editor",
                    odata_query(reader, dataset),
                ),
                Snippet(
                    "The same as CSV, whole, where OData is not wanted",
                    csv_query(reader, dataset, columns),
                ),
            ),
        ),
        Tool(
            "Power BI",
            (
                "Open the .pbids file above: it asks for the login and shows the datasets.",
                f"Or: Get data, OData feed, and paste {reader.odata} (the queries of Excel work here, too).",
                login,
            ),
        ),
        Tool(
            "Tableau",
            (
                f"Connect, To a Server, OData: as the server {reader.odata}, your user name, and the token as the"
                " password. Tableau makes an extract.",
                f"Or: PostgreSQL, with a role of the database; the views are in the schema"
                f" {view.partition('.')[0]}.",
            ),
        ),
        Tool(
            "Grafana",
            (
                "By the plugin Infinity: type JSON, parser backend. It reads whole arrays, so there are no pages"
                " to follow.",
            ),
            (
                Snippet(
                    "The data source, as a file of Grafana's provisioning", infinity_source(reader)
                ),
                Snippet("A query of a panel", infinity_query(reader, dataset, columns)),
            ),
        ),
        Tool(
            "Metabase, Superset, Redash",
            (
                "They read SQL: add a PostgreSQL with a role of the database. Who runs the service makes that role"
                " with manage.py reporting_role, and knows host, port and name of the database.",
                "Each dataset is a view, and each column says what it means.",
            ),
            # It is shown, not run.
            (Snippet("A query", f"SELECT * FROM {view} ORDER BY {first};"),),  # noqa: S608  # nosec B608
        ),
        Tool(
            "Google Sheets",
            (
                "IMPORTDATA cannot log in. Extensions, Apps Script, and paste; keep the token in the script"
                " property HRAPI_TOKEN; run it by a trigger. The service must be reachable from the internet.",
            ),
            (Snippet("A script", sheets_code(reader, dataset)),),
        ),
        Tool(
            "Notebooks",
            ("Put the token into the environment as HRAPI_TOKEN.",),
            (
                Snippet("pandas", pandas_code(reader, dataset)),
                Snippet("polars", polars_code(reader, dataset)),
                Snippet("R", r_code(reader, dataset)),
            ),
        ),
        Tool(
            "Command line",
            (),
            (Snippet("curl", curl_command(reader, dataset)),),
        ),
    )
