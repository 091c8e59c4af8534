"""Files that open a tool with the connection already in them. They hold no login."""

from __future__ import annotations

import json
from html import escape

from reports.connecting.tools import Reader, odata_query
from reports.datasets.definition import Dataset

_OFFICE = "urn:schemas-microsoft-com:office"


def pbids(reader: Reader) -> str:
    """Opens Power BI Desktop at the OData service.

    The format: https://learn.microsoft.com/power-bi/connect-data/desktop-data-sources#use-pbids-files-to-get-data
    """
    connection = {
        "details": {"protocol": "odata", "address": {"url": reader.odata}},
        "options": {},
        "mode": "Import",
    }
    return json.dumps({"version": "0.1", "connections": [connection]}, indent=2)


def odc(reader: Reader, dataset: Dataset) -> str:
    """An Office Data Connection with a query of Power Query in it, as Excel exports them."""
    name = dataset.set_name
    mashup = (
        '<Mashup xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns="http://schemas.microsoft.com/DataMashup">'
        "<Client>EXCEL</Client><Version>2.140.405.0</Version><MinVersion>2.21.0.0</MinVersion>"
        "<Culture>en-US</Culture><SafeCombine>true</SafeCombine>"
        f'<Items><Query Name="{name}"><Formula>{escape(odata_query(reader, dataset), quote=False)}</Formula>'
        '<IsParameterQuery xsi:nil="true" /><IsDirectQuery xsi:nil="true" /></Query></Items></Mashup>'
    )
    source = f"Provider=Microsoft.Mashup.OleDb.1;Data Source=$Workbook$;Location={name};"
    # Excel runs it on its own query.
    command = f"SELECT * FROM [{name}]"  # noqa: S608  # nosec B608
    return (
        f'<html xmlns:o="{_OFFICE}:office" xmlns="http://www.w3.org/TR/REC-html40">\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/x-ms-odc; charset=utf-8"/>\n'
        '<meta name="ProgId" content="ODC.Database"/>\n<meta name="SourceType" content="OLEDB"/>\n'
        f"<title>{escape(dataset.title)}</title>\n"
        f'<xml id="docprops"><o:DocumentProperties><o:Description>{escape(dataset.description)}</o:Description>'
        f"<o:Name>{name}</o:Name></o:DocumentProperties></xml>\n"
        f'<xml id="msodc"><odc:OfficeDataConnection xmlns:odc="{_OFFICE}:odc">\n'
        '<odc:PowerQueryConnection odc:Type="OLEDB">\n'
        f"<odc:ConnectionString>{escape(source)}</odc:ConnectionString>\n"
        "<odc:CommandType>SQL</odc:CommandType>\n"
        f"<odc:CommandText>{command}</odc:CommandText>\n"
        "</odc:PowerQueryConnection>\n"
        f"<odc:PowerQueryMashupData>{escape(mashup)}</odc:PowerQueryMashupData>\n"
        "</odc:OfficeDataConnection></xml>\n</head>\n<body></body>\n</html>\n"
    )
