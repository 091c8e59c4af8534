from __future__ import annotations

from django.urls import path, register_converter

from reports.datasets.registry import all_datasets
from reports.odata.sets import url_name
from reports.odata.views import BatchView, CountView, MetadataView, ServiceView, SetView


class KeyConverter:
    """`(7)` behind the name of a set; empty for the set itself."""

    regex = r"(?:\(.*\))?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KeyConverter, "odata_key")

urlpatterns = [
    # Without the slash too: whoever is led to another address may lose the credentials on the way.
    path("v4", ServiceView.as_view()),
    path("v4/", ServiceView.as_view()),
    path("v4/$metadata", MetadataView.as_view(), name="odata-metadata"),
    path("v4/$batch", BatchView.as_view()),
]
for dataset in all_datasets():
    urlpatterns += [
        path(f"v4/{dataset.set_name}/$count", CountView.as_view(dataset=dataset)),
        path(
            f"v4/{dataset.set_name}<odata_key:key>",
            SetView.as_view(dataset=dataset),
            name=url_name(dataset),
        ),
    ]
