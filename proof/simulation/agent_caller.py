"""A caller of the agent protocol: restless and legal, and a judge of what it is told."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec
from picows import WSMsgType
from proof.simulation.lies import CALLS
from proof.simulation.line import Line
from proof.simulation.network import End, Frame
from proof.simulation.sounds import murmur, utterance
from proof.simulation.wishes import ANSWERS_S, wish_of

from turngate.emulator.connection import Connection as Server

SETTINGS = (
    '{"type":"Settings","flags":{"history":%s},"audio":{"input":{"encoding":"%s","sample_rate":%d},'
    '"output":{"encoding":"%s","sample_rate":%d,"container":"none"}},"agent":{"think":{"provider":'
    '{"type":"open_ai","model":"gpt-realtime"},"prompt":"%s","functions":[%s]}%s%s}}'
)
MANUAL = ',"useOpenAIManualAudioCommit":true'
SPEAK = '{"type":"UpdateSpeak","speak":{"provider":{"type":"open_ai","voice":"%s"}}}'
VOICES = ("sage", "ash", "coral")
_FUNCTION = '{"name":"%s","description":"","parameters":{"type":"object","properties":{}}%s}'
FUNCTIONS = ",".join(_FUNCTION % (name, "") for name in ("get_time", "get_weather"))
MANNERED = ",".join(
    (
        _FUNCTION % ("book", ',"defer_until_eot":true'),
        _FUNCTION % ("fetch", ',"initial_agent_filler":true,"defer_until_eot":true'),
    )
)
"""Functions that wait for the end of the user's turn, one of them bridged by a filler."""
FORMATS = (("linear16", 24_000),) * 8 + (("linear16", 16_000), ("mulaw", 8_000))
ACKNOWLEDGED = {
    "PromptUpdated": "UpdatePrompt",
    "SettingsApplied": "Settings",
    "SpeakUpdated": "UpdateSpeak",
}
FAILURES = ("FAILED_TO_THINK", "THINK_REQUEST_FAILED", "QUEUE_FULL", "ASR_FAILED")
FAULTED = "INTERNAL_SERVER_ERROR"


class _Function(msgspec.Struct):
    id: str
    name: str
    client_side: bool = True


class _Told(msgspec.Struct):
    type: str
    role: str = ""
    content: str = ""
    code: str = ""
    functions: tuple[_Function, ...] = ()


_told = msgspec.json.Decoder(_Told)


class AgentCaller:
    """Speaks, types, answers functions, changes its mind; `heard` counts what it is told."""

    garbage: tuple[bytes, ...] = (
        b'{"type":"Unheard"}',
        b"{",
        b"[]",
        b'{"type":"InjectUserMessage"}',
        b"\xc3\xa9",
    )
    harmless: bytes = b'{"type":"KeepAlive"}'
    lets_server_answer: bool = False

    def __init__(self, line: Line, *, may_be_manual: bool, whims: Random | None = None) -> None:
        self._line, self._chance = line, line.chance
        self._whims = whims
        self.heard: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.is_over = self.has_left = self.is_ready = False
        self.close_code: int | None = None
        self._end: End | None = None
        self.is_connected = False
        self._is_speaking = False
        self._is_cut = False
        self._asked: list[tuple[str, str]] = []
        self._refused = 0
        self._typed: list[str] = []
        self._shown_texts: Counter[str] = Counter()
        self.calls: dict[str, bool] = {}
        self._words = 0
        self._encoding, self._rate_hz = self._chance.choice(FORMATS)
        self._may_be_manual = may_be_manual
        self._is_manual = may_be_manual and self._chance.random() < 0.2

    # -- as a listener

    def on_ws_connected(self, transport: End) -> None:
        """Configure the session."""
        self._end, self.is_connected = transport, True
        self.configure(greets=self._chance.random() < 0.2)
        if self._whims is not None and self._whims.random() < 0.3:
            self.configure()

    def on_ws_disconnected(self, transport: End) -> None:
        """Remember that there is nobody any more."""
        del transport
        self.is_over = True

    def pause_writing(self) -> None:
        """Go on all the same; a microphone does not wait."""

    def resume_writing(self) -> None:
        """Go on."""

    def on_ws_frame(self, transport: End, frame: Frame) -> None:
        """Judge what the gateway says."""
        match frame.msg_type:
            case WSMsgType.TEXT:
                self._told(_told.decode(frame.payload))
            case WSMsgType.BINARY:
                self._played()
            case WSMsgType.CLOSE:
                self.close_code = frame.code
                transport.send_close(frame.code, b"")
                transport.disconnect()
            case _:
                pass

    def _played(self) -> None:
        self.heard["audio"] += 1
        if self._is_cut:
            self._line.complain("I4", "audio after the user took the floor")
        elif not self._is_speaking:
            self._line.complain("I4", "audio outside a turn of the agent's")

    def _told(self, told: _Told) -> None:
        self.heard[told.type] += 1
        match told.type:
            case "AgentStartedSpeaking":
                if self._is_speaking:
                    self._line.complain("I2", "began to speak twice")
                self._is_speaking, self._is_cut = True, False
            case "AgentAudioDone":
                self._is_speaking = False
            case "UserStartedSpeaking":
                self._is_cut = True
            case "ConversationText":
                self._shown(told)
            case "FunctionCallRequest":
                self._called(told)
            case "Error" | "Warning":
                self._complained(told)
            case _ if told.type in ACKNOWLEDGED:
                self._acknowledged(ACKNOWLEDGED[told.type])
            case _:
                pass

    def _shown(self, told: _Told) -> None:
        foreign = [word for word in told.content.split() if word.startswith("word_")]
        if any(not word.startswith(f"word_{self._line.name}_") for word in foreign):
            self._line.complain("I7", f"words of another call: {told.content}")
        if told.role == "user":
            self._shown_texts[told.content] += 1
            if self._shown_texts[told.content] > 1 and foreign:
                self._line.complain("I2", f"shown twice: {told.content}")

    def _called(self, told: _Told) -> None:
        for function in told.functions:
            if function.id in self.calls:
                self._line.complain("I2", f"asked twice for {function.id}")
            self.calls[function.id] = False
            if function.client_side:
                self._answer_later(function)

    def _complained(self, told: _Told) -> None:
        self.errors[told.code] += 1
        if told.code == FAULTED:
            self._line.complain("bug", "the gateway failed inside")
        if told.code == "INVALID_SETTINGS":
            self._refuse()

    def _refuse(self) -> None:
        """Note that one of the changes will not come. Those for a session wait until it has begun."""
        first = next((asked for asked in self._asked if asked[0] == "Settings"), None)
        if self.is_ready or first is None:
            self._refused += 1
        else:
            self._asked.remove(first)

    def _acknowledged(self, change: str) -> None:
        """Look whether upstream has what is said to be in force."""
        # What is acknowledged may have been in force on the connection before.
        servers = self._line.servers
        in_force = str([each.session.effective.get("instructions") for each in servers[-2:]])
        alike = [n for n, (kind, _) in enumerate(self._asked) if kind == change]
        if not alike or len(self._asked) <= self._refused:
            self._line.complain("truth", f"{change} acknowledged, and nothing was asked")
            return
        self.is_ready = True
        # It is the first of its kind that may be in force. Changes that waited together are one
        # update: then the last of them is.
        prompts = [prompt for _, prompt in self._asked]
        holds = (n for n in alike if not prompts[n] or _is_any(prompts[n:], in_force))
        at = next(holds, alike[0])
        del self._asked[at]
        if prompts[at] and not _is_any(prompts, in_force):
            told = f"{change} {prompts[at]} acknowledged, in force: {in_force}"
            self._line.complain("truth", told)

    def words(self) -> list[str]:
        """Return each line that was typed."""
        return self._typed

    @property
    def failures(self) -> int:
        """How many failures of an answer it was told of."""
        return sum(self.errors[code] for code in FAILURES)

    def judge(self, server: Server) -> None:
        """Look whether anything was answered twice, or failed without a word.

        What was cancelled before anybody heard it is rightly asked for again, even if it came to its
        end. A change keeps its place between two wishes, the second of which has a response of its
        own. Speech that was on its way into the conversation for too long was not waited for.
        """
        if self.is_ready and len(self._asked) > self._refused + self.errors["QUEUE_FULL"]:
            self._line.complain("I2", f"neither acknowledged nor refused: {self._asked}")
        if self.is_ready:
            self._asked.clear()
            self._refused = 0
        witness = self._line.witness
        excused = self.failures + witness.cancels + witness.updates + witness.beside_commits
        if server.ledger.answered_twice > excused:
            self._line.complain("I2", f"{server.ledger.answered_twice} turns were answered twice")
        if self._line.asked.owes_word:
            self._line.complain("I2", "an answer failed, and its author was not told")
        for item in server.conversation.items:
            if item.wire["type"] == "function_call" and item.wire.get("status") == "completed":
                call_id = item.wire["call_id"]
                if server.conversation.output(call_id) is None:
                    self._line.complain("I2", f"the call {call_id} has no output")

    # -- what it does

    def _say(self, message: str) -> None:
        if self._end is not None:
            self._end.send(WSMsgType.TEXT, message.encode())

    def _word(self) -> str:
        self._words += 1
        return f"word_{self._line.name}_{self._words}"

    def configure(self, *, greets: bool = False) -> None:
        """Send Settings, the first of which begin the session."""
        prompt = self._word()
        history = "true" if self._chance.random() < 0.2 else "false"
        audio = (self._encoding, self._rate_hz) * 2
        greeting = ',"greeting":"Hi."' if greets else ""
        self._asked.append(("Settings", prompt))
        manual = MANUAL if self._is_manual else ""
        functions = FUNCTIONS if self._whims is None else f"{FUNCTIONS},{MANNERED}"
        self._say(SETTINGS % (history, *audio, prompt, functions, greeting, manual))

    def type(self, wish: str | None = None) -> None:
        """Type a line, which may ask for functions or for a longer answer."""
        text = f"{self._word()} {wish_of(self._chance, wish)}".strip()
        self._typed.append(text)
        self._say(f'{{"type":"InjectUserMessage","content":"{text}"}}')

    def speak(self) -> None:
        """Say something aloud; sometimes without coming to an end."""
        ends = self._chance.random() < 0.97
        if not ends:
            self._line.lasts(62)
        tone_ms = self._chance.choice((60, 200, 400))
        sound = utterance(self._encoding, self._rate_hz, tone_ms, ends=ends)
        size = len(sound) // 6 // 2 * 2
        for start in range(0, len(sound), size):
            if self._end is not None:
                self._end.send(WSMsgType.BINARY, sound[start : start + size])

    def take_a_turn(self, chance: Random) -> None:
        """Do one of the things that want an answer."""
        chance.choices((self.type, self.speak, self.inject), (7, 2, 1))[0]()
        if chance.random() < 0.15:
            self.update()
        match chance.randrange(40):
            case 0:
                self._change_voice(chance)
            case 1 | 2:
                self._say('{"type":"ForceEndTurn"}')
            case 3:
                self._is_manual = self._may_be_manual and not self._is_manual
                self.configure()
            case _:
                pass
        if self._whims is not None:
            self._follow(self._whims)

    def _follow(self, whims: Random) -> None:
        """Do something that few callers do; now and then again, a little later."""
        whim = whims.choice((self._book, self._mutter, self._cut_in, self._change_voice))
        for _ in range(whims.choice((0, 1, 1, 3))):
            self._line.loop.call_later(whims.choice((0.0, 0.02, 0.5, 4.0)), whim, whims)
        self._line.lasts(4.0)

    def _book(self, whims: Random) -> None:
        """Want what cannot be undone, and go on before it is done."""
        self.type(whims.choice(("a booking", "a booking", "two bookings")))
        if whims.random() < 0.5:
            self._line.loop.call_later(whims.choice((0.0, 0.02, 0.2)), self.speak)
        if whims.random() < 0.3:  # answer what nobody has asked for
            self._answer(_Function(whims.choice(CALLS), ""))

    def _mutter(self, whims: Random) -> None:
        """Say next to nothing, and something about turns."""
        length_ms = whims.choice((20, 40, 120, 300))
        if self._end is not None:
            self._end.send(WSMsgType.BINARY, murmur(self._encoding, self._rate_hz, length_ms))
        match whims.randrange(5):
            case 0:
                self._say('{"type":"ForceEndTurn"}')
            case 1:
                self.configure()
            case 2:
                self._is_manual = self._may_be_manual and not self._is_manual
                self.configure()
            case _:
                pass

    def _cut_in(self, _: Random) -> None:
        """Have the agent say a line at once."""
        told = f'"behavior":"interrupt","message":"{self._word()}"'
        self._say(f'{{"type":"InjectAgentMessage",{told}}}')

    def _change_voice(self, whims: Random) -> None:
        self._asked.append(("UpdateSpeak", ""))
        self._say(SPEAK % whims.choice(VOICES))

    def barge_in(self) -> None:
        """Ask for something long, and speak into it."""
        self.type("a tale")
        self._line.loop.call_later(self._chance.choice((0.3, 0.6, 1.5)), self.speak)

    def inject(self) -> None:
        """Have the agent say a line."""
        behaviour = self._chance.choice(("default", "queue", "interrupt"))
        told = f'"behavior":"{behaviour}","message":"{self._word()}"'
        self._say(f'{{"type":"InjectAgentMessage",{told}}}')

    def update(self) -> None:
        """Change the prompt."""
        prompt = self._word()
        self._asked.append(("UpdatePrompt", prompt))
        self._say(f'{{"type":"UpdatePrompt","prompt":"{prompt}"}}')

    def hang_up(self) -> None:
        """Leave in order."""
        self.has_left = True
        if self._end is not None:
            self._end.send_close(1000, b"")

    def _answer_later(self, function: _Function) -> None:
        chance = self._chance.random()
        after_s = self._chance.choice(ANSWERS_S)
        if chance < 0.03:
            after_s = 17.0
        elif chance < 0.05:
            self._line.lasts(16)
            return
        self._line.lasts(after_s)
        times = 2 if self._chance.random() < 0.05 else 1
        for _ in range(times):
            self._line.loop.call_later(after_s, self._answer, function)

    def _answer(self, function: _Function) -> None:
        told = f'"id":"{function.id}","name":"{function.name}","content":"noon"'
        self._say(f'{{"type":"FunctionCallResponse",{told}}}')


def _is_any(prompts: Sequence[str], in_force: str) -> bool:
    return any(prompt and prompt in in_force for prompt in prompts)
