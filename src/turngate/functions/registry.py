"""The functions of a program, registered by a decorator."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, overload

from msgspec import Struct, ValidationError, convert
from msgspec.structs import asdict

from turngate.core.manners import USUAL, Manners
from turngate.functions import schema
from turngate.functions.declared import Function
from turngate.functions.options import Mannered

Code = TypeVar("Code", bound=Callable[..., Any])


class Registered(Struct, frozen=True):
    """A function and what runs it. One that is not async runs in a thread and may block."""

    function: Function
    code: Callable[..., Any]
    shape: type[Struct]

    @property
    def is_async(self) -> bool:
        """Whether calling it gives something to await."""
        call = getattr(self.code, "__call__", None)  # noqa: B004 - an object may have an async call
        return inspect.iscoroutinefunction(self.code) or inspect.iscoroutinefunction(call)


class Registry:
    """Functions by name, in the order in which they were registered."""

    def __init__(self) -> None:
        self._registered: dict[str, Registered] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._registered)

    def __iter__(self) -> Iterator[Registered]:
        """Yield them in order."""
        return iter(self._registered.values())

    @overload
    def register(self, code: Code, /) -> Code: ...

    @overload
    def register(
        self,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        manners: Manners = USUAL,
    ) -> Callable[[Code], Code]: ...

    def register(
        self,
        code: Any = None,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        manners: Manners = USUAL,
    ) -> Any:
        """Offer a function to the model; as `@register` or `@register(name="order")`.

        Name and description are its own unless given. The function stays what it was.

        Raises:
            TypeError: An argument has no type hint, or one that JSON cannot carry; or it is none.
            ValueError: The name cannot be called, or is registered already; or the manners are wrong.

        """

        def add(code: Code) -> Code:
            self._add(code, name, description, manners)
            return code

        return add if code is None else add(code)

    def _add(
        self, code: Callable[..., Any], name: str | None, description: str | None, manners: Manners
    ) -> None:
        own_name = getattr(code, "__name__", type(code).__name__)
        if inspect.isclass(code):
            raise TypeError(f"{own_name} is a class and no function")
        _check(own_name, manners)
        shape = schema.arguments_shape(code)
        function = Function(
            name=name or own_name,
            description=schema.description_of(code) if description is None else description,
            parameters=schema.parameters_of(shape),
            manners=manners,
        )
        if function.name in self._registered:
            raise ValueError(f"a function {function.name} is registered already")
        self._registered[function.name] = Registered(function, code, shape)


def _check(name: str, manners: object) -> None:
    """Refuse manners that no configuration could say either."""
    if not isinstance(manners, Manners):
        raise TypeError(f"{name}: manners are Manners(...), not {manners!r}")
    try:
        convert(asdict(manners), Mannered)
    except ValidationError as error:
        raise ValueError(f"{name}: manners: {error}") from error
