from __future__ import annotations

from django.urls import path

from reports.datasets.registry import all_datasets
from reports.datasets.views import CatalogueView, DatasetView

urlpatterns = [
    path("", CatalogueView.as_view(), name="datasets"),
    *(
        path(
            f"{dataset.name}/",
            DatasetView.as_view(dataset=dataset),
            name=f"datasets-{dataset.name}",
        )
        for dataset in all_datasets()
    ),
]
