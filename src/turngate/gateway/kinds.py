"""What a setting takes, read from its annotation."""

import msgspec


def plain(kind: object) -> msgspec.inspect.Type:
    """Return what msgspec knows of an annotation, without descriptions and None."""
    shape = msgspec.inspect.type_info(kind)
    while isinstance(shape, msgspec.inspect.Metadata):
        shape = shape.type
    if isinstance(shape, msgspec.inspect.UnionType):
        shape = shape.types[0]
    return shape


def accepted(kind: object) -> str:  # noqa: PLR0911 - one row a kind
    """Return what an annotation takes, as a person would say it."""
    match plain(kind):
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(map(str, values))
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.StrType(pattern=None)):
            return "a list of texts of at least one character"
        case msgspec.inspect.VarTupleType():
            return "a list of keys of printable ASCII characters without spaces"
        case msgspec.inspect.StrType(pattern=str(pattern)) if pattern.startswith("^wss"):
            return "a ws:// or wss:// URL with a path, and without a key in it"
        case msgspec.inspect.StrType(pattern=str()):
            return "a key of printable ASCII characters without spaces"
        case _:
            return "a text of at least one character"
