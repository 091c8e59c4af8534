"""The form of the builder: whatever it offers is taken, and it holds every specification."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from hrapi.api.problems import ProblemError
from reports.charts.definition import ROLES, Aggregate, Chart, ChartType, Palette, Sort
from reports.charts.specification import read_chart
from reports.charts.standard import STANDARD_CHARTS
from reports.datasets.definition import Dataset
from reports.datasets.registry import all_datasets
from reports.pages.builder import as_form, check_form, fitting, roles_of, specification_of
from reports.pages.builder_form import BuilderForm

CHOICES = list(itertools.product(all_datasets(), ChartType))
IDS = [f"{dataset.name}-{type_}" for dataset, type_ in CHOICES]


def form(**fields: str) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent.update(fields)
    return sent


def read(sent: QueryDict) -> Chart:
    return read_chart(specification_of(sent))


def has_amounts(dataset: Dataset) -> bool:
    return any(column.is_measure for column in dataset.columns)


def can_be_drawn(dataset: Dataset, type_: ChartType) -> bool:
    """Rows without amounts can be counted, but not drawn one by one; points take two amounts."""
    amounts = sum(column.is_measure for column in dataset.columns)
    if type_ is ChartType.SCATTER:
        return amounts >= 2
    return type_ is not ChartType.BOX or amounts >= 1


@pytest.mark.parametrize("dataset, type_", CHOICES, ids=IDS)
def test_a_dataset_and_a_type_alone_make_a_chart(dataset: Dataset, type_: ChartType) -> None:
    sent = form(dataset=dataset.name, type=type_.value)

    if not can_be_drawn(dataset, type_):
        with pytest.raises(ProblemError):
            read(sent)
        return

    chart = read(sent)
    assert (chart.dataset, chart.type) == (dataset, type_)
    roles = ROLES[type_]
    counted = {roles.measure} if chart.aggregate is Aggregate.COUNT else set()
    for role in roles.required - counted:
        assert getattr(chart, role)


@pytest.mark.parametrize("dataset, type_", CHOICES, ids=IDS)
def test_every_column_that_is_offered_is_taken(dataset: Dataset, type_: ChartType) -> None:
    if not can_be_drawn(dataset, type_):
        return
    for name, role, is_optional in roles_of(type_):
        for column in fitting(dataset, type_, role):
            sent = form(dataset=dataset.name, type=type_.value, **{name: column.name})
            chart = read(sent)
            found = chart.x[1:] if name == "x2" else getattr(chart, role)
            used = found if isinstance(found, tuple) else (found,)
            # Where no other column is left for a place that needs one, it is taken from one that may be empty.
            assert column in used or (is_optional and len(fitting(dataset, type_, role)) < 3)


def test_a_column_of_another_dataset_gives_way() -> None:
    chart = read(form(dataset="rejections", type="bar", x="department", y="hires"))

    assert [column.name for column in chart.x] == ["table"]
    assert chart.y is not None
    assert chart.y.name == "rejected"


def test_a_line_goes_along_time() -> None:
    assert [column.name for column in read(form(dataset="hires", type="line")).x] == ["month"]


@pytest.mark.parametrize("standard", STANDARD_CHARTS, ids=lambda standard: standard.name)
def test_the_form_holds_the_standard_charts(standard: Any) -> None:
    chart = read_chart(standard.specification(2021))

    assert read(as_form(chart.as_json())) == chart


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    dataset, type_ = draw(st.sampled_from([each for each in CHOICES if can_be_drawn(*each)]))
    sent = form(dataset=dataset.name, type=type_.value)
    for name, role, _ in roles_of(type_):
        names = [column.name for column in fitting(dataset, type_, role)]
        if names and draw(st.booleans()):
            sent[name] = draw(st.sampled_from(names))
    if has_amounts(dataset):
        sent["aggregate"] = draw(st.sampled_from(list(Aggregate))).value
    sent["sort"] = draw(st.sampled_from(list(Sort))).value
    sent["palette"] = draw(st.sampled_from(list(Palette))).value
    sent["top"] = str(draw(st.integers(0, 100)))
    if draw(st.booleans()):
        sent["values"] = "on"
    if dataset.name == "hires":
        sent["year"] = str(draw(st.integers(1900, 2100)))
        sent["only.department_id"] = draw(st.sampled_from(["1", "3, 1,", "-5"]))
        sent["only.job"] = draw(st.sampled_from(["Cook", "Cook, of eggs\r\n Nurse"]))
        if draw(st.booleans()):
            sent["zeros"] = "on"
    return read(sent)


@given(charts())
def test_the_form_holds_any_chart(chart: Chart) -> None:
    assert read(as_form(chart.as_json())) == chart
    assert read(QueryDict(as_form(chart.as_json()).urlencode())) == chart


def test_filters_are_read_as_they_are_typed() -> None:
    sent = form(
        dataset="hires", **{"only.quarter": "1, 2,2", "only.job": "Cook, of eggs\r\nNurse\r\n"}
    )

    assert read(sent).filters == {"quarter": (1, 2), "job": ("Cook, of eggs", "Nurse")}


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"dataset": "nothing"}, "dataset"),
        ({"type": "spiral"}, "type"),
        ({"year": "2021", "last_days": "3"}, "period"),
        ({"year": "next"}, "year"),
        ({"top": "101"}, "options.top"),
        ({"palette": "rainbow"}, "options.palette"),
        ({"only.quarter": "first"}, "Only quarter"),
    ],
)
def test_what_cannot_be_is_told(fields: dict[str, str], told: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(form(**{"dataset": "hires", **fields}))

    assert told in caught.value.detail


def test_a_field_that_there_is_not_is_refused() -> None:
    check_form(form(dataset="hires", year="2021", **{"only.job": "Cook"}))

    with pytest.raises(ProblemError, match="There is no parameter 'colour' here"):
        check_form(form(dataset="hires", colour="red"))


@pytest.mark.django_db
@pytest.mark.parametrize("dataset, type_", CHOICES, ids=IDS)
def test_the_inputs_hold_what_the_form_says(dataset: Dataset, type_: ChartType) -> None:
    if not can_be_drawn(dataset, type_):
        return
    chart = read(form(dataset=dataset.name, type=type_.value))
    inputs = BuilderForm(as_form(chart.as_json()), all_datasets())

    selects = [*inputs.what, *inputs.columns, *inputs.options]
    selects += [inputs.aggregate] if inputs.aggregate else []
    shown = form(
        **{
            select.name: option.value
            for select in selects
            for option in select.options
            if option.is_chosen and option.value
        }
    )
    shown.setlist("columns", [each.value for each in inputs.shown_columns if each.is_chosen])
    assert read(shown) == chart
