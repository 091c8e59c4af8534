"""The entity sets: which there are for a user, what they are called, and how one entity is addressed."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.reverse import reverse

from reports.datasets.definition import Column, Dataset
from reports.odata.errors import invalid
from reports.odata.syntax import Binary, Kind, Literal, Logical, Node, Property
from reports.odata.tokens import Token, literal_of, tokens_of

NAMESPACE = "HiringData"
CONTAINER = "Container"

_WHAT = "key"


def url_name(dataset: Dataset) -> str:
    return f"odata-{dataset.name}"


def address_of(dataset: Dataset, request: Request) -> str:
    """The address of the set, on the public host."""
    address: str = reverse(url_name(dataset), kwargs={"key": ""}, request=request)
    return address


def context_of(
    request: Request,
    dataset: Dataset | None = None,
    selected: tuple[Column, ...] = (),
    *,
    is_entity: bool = False,
) -> str:
    """`http://host/odata/v4/$metadata#Hires(year,hires)/$entity`: of what kind the answer is."""
    fragment = ""
    if dataset is not None:
        names = ",".join(column.name for column in selected)
        fragment = f"#{dataset.set_name}" + f"({names})" * bool(selected) + "/$entity" * is_entity
    address: str = reverse("odata-metadata", request=request)
    return address + fragment


def key_filter(dataset: Dataset, text: str) -> Node:
    """`(7)`, or `(year=2021,department_id=1,job_id=2)`: the filter that keeps this entity. Raises ProblemError."""
    values = _key_values(dataset, tokens_of(text[1:-1], _WHAT))
    kinds = {column.name: Kind(column.type.value) for column in dataset.columns}
    for name, value in values.items():
        if value.kind is not kinds[name]:
            raise invalid(f"{_WHAT}: {name} is of the type {kinds[name]}, not {value.kind}.")
    return Logical("and", tuple(Binary("eq", Property(n), v) for n, v in values.items()))


def _key_values(dataset: Dataset, tokens: list[Token]) -> dict[str, Literal]:
    """The values by the names of the key's columns, all of them."""
    values: dict[str, Literal] = {}
    rest = iter(tokens)
    is_alone = len(dataset.key) == 1 and not any(token.is_mark("=") for token in tokens)
    while True:
        name = dataset.key[0] if is_alone else next(rest).text
        if name not in dataset.key or name in values:
            break
        if not is_alone and not next(rest).is_mark("="):
            break
        sign, token = 1, next(rest)
        if token.is_mark("-"):
            sign, token = -1, next(rest)
        literal = literal_of(token, _WHAT, sign=sign)
        if literal is None or (sign < 0 and token.form != "number"):
            break
        values[name] = literal
        end = next(rest)
        if end.form == "end" and len(values) == len(dataset.key):
            return values
        if is_alone or not end.is_mark(","):
            break
    wanted = ",".join(f"{name}=…" for name in dataset.key)
    raise invalid(f"{_WHAT}: address an entity of {dataset.set_name} by ({wanted}).")
