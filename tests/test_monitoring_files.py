"""The dashboard and the alerts ask for metrics that there are, and no metric of ours is forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.backups.running import backup, run
from tests.loads.sending import send_file
from tests.readme import ROOT
from tests.test_docs import names_in, table_after

PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTS = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((PROMETHEUS / "dashboard.json").read_text())

NAME = re.compile(r"\b(?:hrapi|django)_[a-z_]+")


def names_of(expressions: list[str]) -> set[str]:
    return {name for expression in expressions for name in NAME.findall(expression)}


def on_the_dashboard() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: a backup reads on a connection of its own."""


@pytest.fixture
def scraped(api: Any, tmp_path: Path, settings: Any) -> list[Metric]:
    """What a service tells that has all to tell."""
    settings.BACKUP_PLACE = str(tmp_path / "backups")
    api.post("/api/v1/departments/", [{"id": 1, "department": "Law"}, {"id": 2}])
    send_file(api, b"id,department\n3,Sales\n")
    backup()
    assert run("verify_backup", "latest").code == 0
    return list(text_string_to_metric_families(api.get("/metrics").content.decode()))


def sample_names(metrics: list[Metric]) -> set[str]:
    return {sample.name for metric in metrics for sample in metric.samples}


def test_alerts_and_dashboard_ask_for_nothing_that_is_not_told(scraped: list[Metric]) -> None:
    asked = names_of([rule["expr"] for rule in ALERTS] + on_the_dashboard())

    assert len(asked) > 10
    assert asked - sample_names(scraped) == set()


def test_they_pick_labels_that_there_are(scraped: list[Metric]) -> None:
    labels = {label for metric in scraped for sample in metric.samples for label in sample.labels}
    expressions = [rule["expr"] for rule in ALERTS] + on_the_dashboard()
    asked = {
        label.strip()
        for expression in expressions
        for labels_asked in re.findall(r"by \(([a-z_, ]+)\)", expression)
        for label in labels_asked.split(",")
    }

    assert asked == {"table", "code", "outcome", "state", "status", "le"}
    assert asked - labels == set()


def test_every_metric_of_ours_is_on_the_dashboard_and_documented(scraped: list[Metric]) -> None:
    ours = {name for name in sample_names(scraped) if name.startswith("hrapi_")}
    # When a histogram was begun tells nobody anything.
    ours = {name for name in ours if not name.endswith("_created")}
    rows = table_after("## Metrics", (ROOT / "docs" / "operations.md").read_text())
    documented = set(names_in([row[0] for row in rows]))

    assert ours - names_of(on_the_dashboard()) == set()
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours} == documented


def test_each_alert_says_what_is_wrong_and_what_to_look_at() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS) == 8
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "description"}


def test_the_token_of_the_scrape_configuration_is_sent_as_the_service_takes_it() -> None:
    [job] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]

    assert job["authorization"]["type"] == "Token"
    assert job["job_name"] == "hrapi"
