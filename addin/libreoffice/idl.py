"""The functions as a UNO interface, in the plain text LibreOffice reads as a type library."""

from __future__ import annotations

from addin.libreoffice.names import CALLER, EXTENSION, INTERFACE, method, parameter
from formulas.catalogue import FUNCTIONS
from formulas.declare import Function

_CALLER = f"[in] com::sun::star::beans::XPropertySet {CALLER}"


def interface() -> str:
    """One method for each function.

    Every argument is `any`: a value, a range, or nothing where it was left out. Every result is rows, often one of one:
    a method that gives `any` cannot give rows from Python.
    """
    modules = EXTENSION.split(".")
    opened = " ".join(f"module {name} {{" for name in modules)
    methods = "\n".join(f"    {_method(function)}" for function in FUNCTIONS)
    return f"{opened}\ninterface {INTERFACE}\n{{\n{methods}\n}};\n{' };' * len(modules)}\n"


def _method(function: Function) -> str:
    hidden = [_CALLER] if function.query else []
    shown = [f"[in] any {parameter(number)}" for number in range(len(function.arguments))]
    return f"sequence< sequence< any > > {method(function.name)}({', '.join([*hidden, *shown])});"
