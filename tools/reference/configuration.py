"""The page of the configuration: every setting and the places where it can stand."""

from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.inspect import Metadata, type_info
from tools.reference.commands import commands, flag_of
from tools.reference.markdown import code, listed, page, table, written

from turngate.dialects.profiles import PROFILES
from turngate.gateway import config


def accepted(field: str) -> str:
    """Return what a field of the configuration takes."""
    kind: Any = config.Config.__annotations__[field]
    inner = get_args(kind)[0]
    if get_origin(inner) is Literal:
        return listed(get_args(inner))
    if field in config.TABLES:
        return "table"
    shape: Any = type_info(kind)
    while isinstance(shape, Metadata):
        shape = shape.type
    kinds = {
        "IntType": "whole number",
        "BoolType": "true or false",
        "VarTupleType": "list",
        "DictType": "table",
    }
    return kinds.get(type(shape).__name__, "text")


def is_empty(default: object) -> bool:
    """Tell whether a default has nothing to show; a table has a page of its own."""
    return default is None or isinstance(default, msgspec.Struct) or default in ("", (), {})


def configuration_page() -> str:
    """Return every setting and the places where it can stand."""
    flags = {option.name: flag_of(option) for option in commands()["serve"].params}
    rows = (
        (
            code(field),
            "" if field in config.TABLES else code(config.environment_name(field)),
            flags.get(field, ""),
            accepted(field),
            "" if is_empty(default) else written(default),
            config.description(field),
        )
        for field in config.Config.__struct_fields__
        for default in [getattr(config.Config(), field)]
    )
    keys = ((code(name), code(variable)) for name, variable in config.PROVIDER_KEYS.items())
    return page(
        "Configuration",
        "A value comes from the first of these that has it: flag, environment variable, TOML file, "
        "default. The file is named by `--config` or `TURNGATE_CONFIG`; its keys are those of the "
        "first column, and `turngate check --print-schema` prints its JSON schema. A list in an "
        "environment variable is separated by commas.",
        table(("key", "environment variable", "flag", "takes", "default", "meaning"), rows),
        "Unless `TURNGATE_UPSTREAM_KEY` is set, the key of a named upstream is looked for here:",
        table(("upstream", "environment variable"), keys),
        "What `dialect` stands for, and where it is known from:",
        table(
            ("dialect", "path", "model in", "key in", "greets", "echoes", "protocol", "source"),
            (
                (
                    code(name),
                    code(profile.path),
                    code(profile.asks_by),
                    code(profile.key_in),
                    "yes" if profile.greets else "no",
                    "yes" if profile.echoes else "learnt",
                    "older" if profile.is_older else "today's",
                    profile.source,
                )
                for name, profile in PROFILES.items()
            ),
        ),
        "A server of the older protocol is translated at turngate's edge, so that clients of both "
        "fronts see today's: its session is flat, events of text and audio have other names, and an "
        "item is created at once instead of added and done. A server that echoes repeats the metadata "
        "of a request in its response, by which turngate tells whose a response is. Where this has to "
        "be learnt, the first response is taken for the answer to the first request, whoever asked "
        "for it; where it is wrongly declared, the first request counts as unanswered.",
    )
