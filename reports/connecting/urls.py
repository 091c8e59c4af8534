from __future__ import annotations

from django.urls import path

from reports.connecting.views import ConnectPage, ExcelFile, PowerBIFile

urlpatterns = [
    path("", ConnectPage.as_view(), name="connect"),
    path("hiring-data.pbids", PowerBIFile.as_view(), name="connect-pbids"),
    path("<slug:name>.odc", ExcelFile.as_view(), name="connect-odc"),
]
