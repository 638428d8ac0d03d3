"""Everything that can go wrong, by whose fault it is: a file each. `answers` says what each leads to.

    TurngateError
    |- ConfigError            the operator's: a setting names what is wrong; the program does not start
    |- ListenFailed           the operator's: the address cannot be listened on
    |- ProtocolError          the peer's that spoke
    |  |- Undecodable         not JSON, or not an object with a type
    |  |- UnknownMessage      a type that the protocol does not have
    |  |- BadField            a field of the wrong type or value, by its path
    |  |- TooEarly            a message before Settings
    |  |- AlreadyApplied      a second Settings, in strict mode
    |  |- SettingsRefused     a setting that cannot be had, by its path
    |  |- NoStoredAgents      an agent by name, where none are stored
    |  |- UnknownAgent        an agent by a name that none has
    |  |- PromptTooLong       a prompt of more characters than the protocol foresees
    |  |- WithoutEffect       settings that are known and mean nothing here
    |  |- Unsupported         a message that is known and not available
    |  |- FieldsIgnored       fields that are not known, in lenient mode
    |  |- UnknownCall         a function result nobody waits for
    |  |- RepeatedResult      a function result that was given already
    |  |- EndpointRefused     a function's URL that may not be called
    |  |- FunctionIgnored     a function that has the name of one of the gateway's
    |  |- UserHasFloor        a line for the agent while the user speaks
    |  '- AgentHasFloor       a line for the agent in the middle of its turn
    |- UpstreamError          the upstream's
    |  |- UpstreamUnreachable it could not be connected to
    |  |- UpstreamLost        the connection ended
    |  |- UpstreamSilent      an answer is overdue
    |  |- UpstreamTrouble     it reported an error that belongs to no request of ours
    |  |- UpstreamExhausted   it refuses to work on: key, quota, billing
    |  |- RequestRefused      it refused one request for good
    |  |- ContextRefused      it refused an entry of what was said before
    |  |- ResponseFailed      a response ended as failed
    |  |- ResponseIncomplete  a response ended before its end
    |  '- TranscriptionFailed the user's speech could not be written down
    |- LimitReached           a bound of ours; the newest request is refused
    |  |- QueueFull           too much waits
    |  |- SlowReader          the client does not read what it is sent
    |  |- ReaderStalled       it takes nothing at all
    |  |- MessageTooBig       one message is larger than a message may be
    |  |- TooFast             it sends more than anybody needs; it is warned
    |  |- Flooding            it was warned, and went on
    |  |- CallerIdle          a Realtime client sends nothing for too long
    |  |- ClientSilent        nothing came from the client for too long
    |  |- CallEnding          the call is about to reach the longest that it may last
    |  |- CallTooLong         it has reached that
    |  |- CallOverdue         a function's result did not come in time
    |  |- FunctionFailed      a function that the gateway runs gave no result
    |  '- VoiceKept           the voice cannot change any more in this session
    '- ServerFault            ours
       |- GoingAway           the gateway stops
       '- InternalFault       a bug

An error is also a value: the core puts it into an effect and never raises it. Its text is made
from its fields and never holds a key or what a person said.
"""

from turngate.errors.limits import (
    CallEnding,
    CallerIdle,
    CallOverdue,
    CallTooLong,
    ClientSilent,
    Flooding,
    FunctionFailed,
    LimitReached,
    MessageTooBig,
    QueueFull,
    ReaderStalled,
    SlowReader,
    TooFast,
    VoiceKept,
)
from turngate.errors.operator import ConfigError, ListenFailed
from turngate.errors.ours import GoingAway, InternalFault, ServerFault
from turngate.errors.peer import (
    AgentHasFloor,
    AlreadyApplied,
    BadField,
    EndpointRefused,
    FieldsIgnored,
    FunctionIgnored,
    NoStoredAgents,
    PromptTooLong,
    ProtocolError,
    RepeatedResult,
    SettingsRefused,
    TooEarly,
    Undecodable,
    UnknownAgent,
    UnknownCall,
    UnknownMessage,
    Unsupported,
    UserHasFloor,
    WithoutEffect,
)
from turngate.errors.root import TurngateError
from turngate.errors.upstream import (
    EXHAUSTED_CODES,
    ContextRefused,
    RequestRefused,
    ResponseFailed,
    ResponseIncomplete,
    TranscriptionFailed,
    UpstreamError,
    UpstreamExhausted,
    UpstreamLost,
    UpstreamSilent,
    UpstreamTrouble,
    UpstreamUnreachable,
)

__all__ = [
    "EXHAUSTED_CODES",
    "AgentHasFloor",
    "AlreadyApplied",
    "BadField",
    "CallEnding",
    "CallOverdue",
    "CallTooLong",
    "CallerIdle",
    "ClientSilent",
    "ConfigError",
    "ContextRefused",
    "EndpointRefused",
    "FieldsIgnored",
    "Flooding",
    "FunctionFailed",
    "FunctionIgnored",
    "GoingAway",
    "InternalFault",
    "LimitReached",
    "ListenFailed",
    "MessageTooBig",
    "NoStoredAgents",
    "PromptTooLong",
    "ProtocolError",
    "QueueFull",
    "ReaderStalled",
    "RepeatedResult",
    "RequestRefused",
    "ResponseFailed",
    "ResponseIncomplete",
    "ServerFault",
    "SettingsRefused",
    "SlowReader",
    "TooEarly",
    "TooFast",
    "TranscriptionFailed",
    "TurngateError",
    "Undecodable",
    "UnknownAgent",
    "UnknownCall",
    "UnknownMessage",
    "Unsupported",
    "UpstreamError",
    "UpstreamExhausted",
    "UpstreamLost",
    "UpstreamSilent",
    "UpstreamTrouble",
    "UpstreamUnreachable",
    "UserHasFloor",
    "VoiceKept",
    "WithoutEffect",
]
