"""A strict stand-in for an OpenAI Realtime server, with an audit of what its clients do.

async with serving(knobs=Knobs(), script=Script()) as emulator:
    ...  # connect a client to emulator.url
assert emulator.audit.violations == 0
"""

from turngate.emulator.audit import Audit, Record
from turngate.emulator.knobs import DIALECTS, STANDALONE, At, CloseAt, ErrorAt, FrameAt, Knobs
from turngate.emulator.script import (
    Call,
    FunctionCall,
    McpApprovalRequest,
    McpCall,
    Message,
    Reply,
    Script,
)
from turngate.emulator.server import Emulator, Llm, serving

__all__ = [
    "DIALECTS",
    "STANDALONE",
    "At",
    "Audit",
    "Call",
    "CloseAt",
    "Emulator",
    "ErrorAt",
    "FrameAt",
    "FunctionCall",
    "Knobs",
    "Llm",
    "McpApprovalRequest",
    "McpCall",
    "Message",
    "Record",
    "Reply",
    "Script",
    "serving",
]
