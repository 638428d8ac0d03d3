"""Functions that run beside the gateway, for code that registers them.

    from turngate.functions import FunctionError, Registry

    functions = Registry()

    @functions.register
    async def order_status(number: str) -> dict[str, str]:
        '''Tell where an order is.'''
        ...

`turngate serve --functions my.module:functions` offers them to the model. Everything here is pure;
what runs them, and all other ways in which a function can run, is in `gateway.functions`.
"""

from turngate.core.manners import Manners
from turngate.functions.declared import Function
from turngate.functions.outcome import Failure, FunctionError
from turngate.functions.registry import Registry

__all__ = ["Failure", "Function", "FunctionError", "Manners", "Registry"]
