"""Every code that an answer can carry. Codes never change; messages may."""

from __future__ import annotations

from enum import StrEnum


class RowCode(StrEnum):
    """Why a row was rejected."""

    REQUIRED = "required"
    WRONG_TYPE = "wrong_type"
    NOT_AN_INTEGER = "not_an_integer"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    FORBIDDEN_CHARACTER = "forbidden_character"
    INVALID_DATETIME = "invalid_datetime"
    UNKNOWN_DEPARTMENT = "unknown_department"
    UNKNOWN_JOB = "unknown_job"
    ALREADY_EXISTS = "already_exists"
    DUPLICATE_IN_BATCH = "duplicate_in_batch"
    UNKNOWN_FIELD = "unknown_field"
    DUPLICATE_KEY = "duplicate_key"
    NOT_AN_OBJECT = "not_an_object"
    RAGGED_ROW = "ragged_row"
    MALFORMED_CSV = "malformed_csv"
