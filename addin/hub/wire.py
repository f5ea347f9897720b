"""What goes over the wire: the requests and answers of the hub, checked at the door."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Cell = str | float | int | bool | None
Argument = Cell | list[list[Cell]]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Text = Annotated[str, Field(max_length=200)]
MAX_CALLS = 20_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Calls(_Strict):
    """Function calls of one recalculation, each a name and its arguments; a range is a list of rows."""

    calls: Annotated[list[tuple[Name, list[Argument]]], Field(max_length=MAX_CALLS)]


class Shown(BaseModel):
    """What one cell shows: a value, rows of values, or an error of the host with a sentence."""

    value: Argument = None
    error: str | None = None
    message: str | None = None


class Results(BaseModel):
    """One result for each call, in order; and how fresh they are."""

    results: list[Shown | list[list[Shown]]]
    as_of: str


class Order(_Strict):
    """A command to carry out."""

    command: Name
    argument: Text = ""


class JobShown(BaseModel):
    """A job as it stands."""

    number: str
    command: str
    label: str
    argument: str
    state: str
    step: str
    progress: float
    answer: str


class TodoShown(BaseModel):
    """One thing that needs a person. `level`: stop | ask | tell."""

    number: str
    level: str
    severity: str
    sheet: str
    row: str
    reason: str
    advice: str


class OrderShown(BaseModel):
    """One order found: no personal data."""

    tid: str
    stage: str
    goods: str
    paid: str
    courier: str
    waybills: str
    problem: str


class Status(BaseModel):
    """How the shop stands."""

    shop: str
    language: str
    as_of: str
    orders: int
    to_ship: int
    open_todos: int
    running: JobShown | None


class FunctionShown(BaseModel):
    """A function people may use."""

    name: str
    about: str
    example: str


class CommandShown(BaseModel):
    """A command people may give. `argument`: what it means, "" for none; `asks`: the question before it, "" for none."""

    name: str
    label: str
    about: str
    argument: str
    asks: str


class Catalogue(BaseModel):
    """Everything declared."""

    functions: list[FunctionShown]
    commands: list[CommandShown]


class Health(BaseModel):
    """A sign of life."""

    program: str = "biaomao"
    version: str
