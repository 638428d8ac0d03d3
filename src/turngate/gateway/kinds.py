"""What a setting takes, read from its annotation."""

from msgspec import inspect


def plain(kind: object) -> inspect.Type:
    """Return what msgspec knows of an annotation, without descriptions and None."""
    shape = inspect.type_info(kind)
    while isinstance(shape, inspect.Metadata):
        shape = shape.type
    if isinstance(shape, inspect.UnionType):
        shape = shape.types[0]
    return shape


def accepted(kind: object) -> str:  # noqa: PLR0911 - one row a kind
    """Return what an annotation takes, as a person would say it."""
    match plain(kind):
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(map(str, values))
        case inspect.IntType(ge=low, le=high):
            return f"a whole number{_bounds(low, high)}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number{_bounds(low, high)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType(item_type=inspect.StructType()):
            return "a list of tables"
        case inspect.VarTupleType(item_type=inspect.StrType(pattern=None)):
            return "a list of texts of at least one character"
        case inspect.VarTupleType():
            return "a list of keys of printable ASCII characters without spaces"
        case inspect.StrType(pattern=str(pattern)) if pattern.startswith("^wss"):
            return "a ws:// or wss:// URL with a path, and without a key in it"
        case inspect.StrType(pattern=str()):
            return "a key of printable ASCII characters without spaces"
        case inspect.StrType(min_length=None):
            return "a text"
        case _:
            return "a text of at least one character"


def _bounds(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" from {low} to {high}"
