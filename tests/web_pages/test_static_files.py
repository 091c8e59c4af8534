"""What browsers load beside pages: all of it from the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from reports.pages.plotly import SCRIPT


def test_of_plotly_there_is_its_script_and_nothing_else() -> None:
    found = finders.find(SCRIPT)

    assert found is not None
    folder = Path(found).parent
    assert len(list(folder.iterdir())) > 1
    assert [name for name in finders_list() if name.startswith("plotly/")] == [SCRIPT]
    assert finders.find("plotly/widgetbundle.js") is None
    assert finders.find(SCRIPT.replace("plotly.min.js", "widgetbundle.js")) is None


def finders_list() -> list[str]:
    return [
        f"{prefix}/{path}" if (prefix := getattr(storage, "prefix", "")) else path
        for finder in finders.get_finders()
        for path, storage in finder.list(None)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("refreshes", [False, True])
def test_browsers_keep_it_for_good(settings: Any, refreshes: bool) -> None:
    settings.WHITENOISE_AUTOREFRESH = refreshes

    script = Client().get(f"/static/{SCRIPT}")
    ours = Client().get("/static/reports/charts.js")

    assert (script.status_code, ours.status_code) == (200, 200)
    assert script["Content-Type"].startswith("text/javascript")
    assert "immutable" in script["Cache-Control"]
    assert "immutable" not in ours["Cache-Control"]
    for response in (script, ours):
        assert b"".join(response)
