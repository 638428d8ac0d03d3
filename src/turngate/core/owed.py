"""What the user and the model are owed: an answer to each wish, an output to each call.

Couples the asks and the calls through the items that both write into the conversation: a call's
output is an item, an ask waits for items, and the follow-up of a response's calls is an ask.
"""

from collections.abc import Mapping
from typing import assert_never

import msgspec

from turngate import errors
from turngate.core import asks, effects, limits, tools
from turngate.core import items as entries
from turngate.core.conversation import Conversation
from turngate.core.events import CallAsked, Timer
from turngate.core.fillers import Filler, Fillers
from turngate.core.manners import USUAL, Manners
from turngate.core.names import Names
from turngate.core.sequencer import Sequencer
from turngate.core.standing import Hold, Kept, Why
from turngate.core.waiting import Request


class Owed:
    """Wishes on their way to the sequencer, and the function calls of the session.

    `manners` are those of the operator's functions, by name; the client's may be declared.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        names: Names,
        conversation: Conversation,
        out: list[effects.Effect],
        manners: Mapping[str, Manners],
    ) -> None:
        self._sequencer, self._names, self._out = sequencer, names, out
        self._conversation = conversation
        self._own = self._manners = manners
        self._fillers = Fillers()
        self._asks: dict[str, asks.Phase] = {}
        self._rounds = tools.Rounds()
        self._outputs: dict[str, str] = {}
        self._unacknowledged: set[str] = set()
        self._past: set[str] = set()
        self._turns: set[str] = set()

    def unanswered(self) -> int:
        """Count the wishes that no response has taken in."""
        return len(self._asks)

    def may_request(self) -> bool:
        """Tell whether every call has its output, and every wish's items are in the conversation.

        What is on its way there is answered by whatever is asked for now; its own response would
        be the second.
        """
        on_their_way = any(isinstance(phase, asks.Awaiting) for phase in self._asks.values())
        return not self._rounds.running() and not on_their_way

    def has_calls(self, response_id: str) -> bool:
        """Tell whether a response has made calls that are not followed up."""
        return bool(self._rounds.calls_of(response_id))

    def waits_for_calls(self) -> bool:
        """Tell whether somebody works on a call."""
        return bool(self._rounds.running())

    def holds(self) -> list[Hold]:
        """Return what is not in the queue yet: wishes before their items, answers to calls."""
        wishes = [
            Hold("request", (ask_id,), Kept(Why.ITEM, tuple(sorted(phase.items))))
            for ask_id, phase in self._asks.items()
            if isinstance(phase, asks.Awaiting)
        ]
        running = self._rounds.running()
        for each in self._rounds.unanswered():
            called = tuple(call_id for call_id in each.calls if call_id in running)
            kept = Kept(Why.CALLS, called) if called else Kept(Why.RESPONSE, (each.response_id,))
            wishes.append(Hold("request", each.calls, kept))
        return wishes

    def keeps(self) -> Kept:
        """Return what a request waits for that nothing else keeps."""
        if running := self._rounds.running():
            return Kept(Why.CALLS, running)
        return Kept(Why.ITEM, tuple(sorted(self._unacknowledged)))

    def suspend(self) -> None:
        """Give up the connection: what waits for its word waits no more."""
        self._unacknowledged.clear()
        self._advance_asks(asks.Lost())

    # -- items

    def tell(self, item: entries.Item) -> None:
        """Tell the upstream what was said, done or heard before."""
        self._past.add(self.send(item))

    def is_past(self, item_id: str | None) -> bool:
        """Tell whether an item was told, and not said or done now."""
        return item_id in self._past

    def send(self, item: entries.Item) -> str:
        """Add an item to the conversation and return its id."""
        item_id = self._names.new("item")
        self._unacknowledged.add(item_id)
        self._conversation.add(item, item_id)
        self._out.append(effects.SendItem(item_id, item))
        return item_id

    def tell_late(self) -> None:
        """Tell a new connection what was heard since of what an old one had said."""
        for item in self._conversation.late():
            self.tell(item)

    def has_unacknowledged(self) -> bool:
        """Tell whether an item of ours is neither acknowledged nor refused."""
        return bool(self._unacknowledged)

    def acknowledged(self, item_id: str) -> None:
        """Take the upstream's word that it has the item."""
        self._unacknowledged.discard(item_id)
        self._past.discard(item_id)
        self._advance_asks(asks.Acknowledged(item_id))

    def refused(self, item_id: str | None) -> bool:
        """Take the upstream's refusal of an item; False if it is none of ours."""
        if item_id is None or item_id not in self._unacknowledged:
            return False
        self._unacknowledged.discard(item_id)
        self._conversation.refused(item_id)
        if item_id in self._outputs.values():
            # The calls were made all the same, and the user still waits for what follows.
            self._advance_asks(asks.Acknowledged(item_id))
        else:
            self._advance_asks(asks.Refused(item_id))
        return True

    # -- wishes

    def typed(self, text: str) -> None:
        """Put a message of the user's into the conversation, and have it answered."""
        item_id = self.send(entries.UserText(text))
        self._turns.add(item_id)
        self._await(item_id)

    def line(self, text: str, *, at_once: bool = False) -> None:
        """Have a text spoken word for word; `at_once` before anything else that waits."""
        ask_id = self._names.new("line")
        self._asks[ask_id] = asks.Placed()
        self._sequencer.add(Request((ask_id,), text, at_once=at_once), first=at_once)

    def spoken(self, item_id: str) -> None:
        """Have an utterance answered, once it is known to be in the conversation."""
        self._turns.add(item_id)
        self._await(item_id)

    def promised(self, item_id: str) -> None:
        """Expect the server to answer an utterance, and with it whatever waits.

        A wish whose items are not known to be there has to wait on: the server may begin without.
        """
        self._asks[item_id] = asks.Promised()
        lacking = {
            ask_id
            for ask_id, phase in self._asks.items()
            if isinstance(phase, asks.Placed) and phase.missing
        }
        recalled = self._sequencer.recall(but=lacking)
        self._asks |= dict.fromkeys(recalled, asks.Promised())

    def unheard(self, response_id: str) -> None:
        """Have the wishes answered again whose answer was cut off before its first word."""
        request = self._sequencer.ask_again(response_id)
        if request is not None:
            self._asks |= dict.fromkeys(request.asks, asks.Placed())

    def adopted(self, response_id: str) -> None:
        """Settle what was promised: this response of the server's answers it."""
        promised = [each for each, phase in self._asks.items() if phase == asks.Promised()]
        request = Request(tuple(promised))
        self._sequencer.served(request, response_id)
        self.settle(request)

    def unclaimed(self) -> None:
        """Have the speech answered for which the server does nothing."""
        self._advance_asks(asks.Unclaimed())

    def overdue(self, ask_id: str) -> None:
        """Go on without the acknowledgement that an ask waits for."""
        if ask_id in self._asks:
            self._advance_ask(ask_id, asks.Overdue())

    def settle(self, request: Request) -> None:
        """Forget the wishes that a request carried."""
        for ask_id in request.asks:
            self._asks.pop(ask_id, None)

    def _await(self, item_id: str) -> None:
        self._asks[item_id] = asks.Awaiting(frozenset((item_id,)))
        self._out.append(effects.SetTimer(Timer("ask", item_id), limits.ITEM_MS))

    def _advance_asks(self, event: asks.Event) -> None:
        for ask_id in list(self._asks):
            self._advance_ask(ask_id, event)

    def _advance_ask(self, ask_id: str, event: asks.Event) -> None:
        self._asks[ask_id], produced = asks.advance(self._asks[ask_id], event)
        for effect in produced:
            self._out.append(effects.CancelTimer(Timer("ask", ask_id)))
            match effect:
                case asks.Place():
                    self._sequencer.add(Request((ask_id,)))
                case asks.Drop():
                    del self._asks[ask_id]
                case _:
                    assert_never(effect)

    # -- calls

    def declare(self, manners: Mapping[str, Manners]) -> None:
        """Take the manners of the client's functions, in place of all that it declared before."""
        self._manners = {**manners, **self._own}

    def called(self, event: CallAsked, *, is_wanted: bool) -> None:
        """Take a call of the model's; one that is not wanted any more is cancelled at once."""
        call = tools.Call(event.call_id, event.name, event.arguments)
        if not self._rounds.note(call):
            return
        self._conversation.add(entries.PastCall(call.call_id, call.name, call.arguments))
        if not is_wanted:
            self._advance_call(call.call_id, tools.Cancel())
            return
        self._rounds.join(event.response_id, call.call_id)
        manners = self._manners_of(call.call_id)
        self._fillers.begin(call, manners)
        if not manners.defer_until_eot:
            self._advance_call(call.call_id, tools.Announce())

    def dispatch(self) -> None:
        """Have those calls worked on that were to wait for the end of the user's turn."""
        for call_id in self._rounds.untold():
            if self._rounds.is_made(call_id):
                self._advance_call(call_id, tools.Announce())

    def resumed(self) -> None:
        """Drop the calls that wait for the end of a turn with which the user goes on."""
        for call_id in self._rounds.untold():
            self._advance_call(call_id, tools.Cancel())

    def result(self, call_id: str, name: str, output: str) -> None:
        """Take a function's result; without an id, the name tells whose."""
        call = self._rounds.find(call_id, name)
        if call is None:
            self._report(errors.UnknownCall(call_id))
            return
        self._advance_call(call.call_id, tools.Result(output))
        self._follow_up()

    def call_overdue(self, call_id: str) -> None:
        """Go on without a function's result."""
        self._advance_call(call_id, tools.Overdue())
        self._follow_up()

    def park(self) -> None:
        """Let the user's turn be answered beside the running calls."""
        for call_id in self._rounds.running():
            self._advance_call(call_id, tools.Park())
            self._fillers.said(call_id)
        self._forget_answered()

    def make_way(self) -> None:
        """Let a user's turn that is ready pass the calls whose functions do not hold it up."""
        self._turns.intersection_update(self._asks)
        if not any(isinstance(self._asks[ask_id], asks.Placed) for ask_id in self._turns):
            return
        for call_id in self._rounds.running():
            on_turn = self._manners_of(call_id).on_turn
            if on_turn != "wait":
                parting = tools.Park() if on_turn == "keep" else tools.Cancel()
                self._advance_call(call_id, parting)
                self._fillers.said(call_id)
        self._forget_answered()

    def _forget_answered(self) -> None:
        """Leave what follows the calls to the answer that the user's turn gets."""
        if not self._rounds.running():
            self._rounds.forget_all()

    def filler(self) -> Filler | None:
        """Return what the agent is to say next if nobody says anything before."""
        return self._fillers.next()

    def bridge(self) -> None:
        """Have the user told that functions take their time, which all of them wait for."""
        filler = self._fillers.next()
        if filler is None:
            return
        running = self._rounds.running()
        for each in running:
            self._advance_call(each, tools.Park())
        if running:
            self._follow_up()
        else:
            call = filler.call
            self._await(self.send(entries.StillRunning(call.call_id, call.name, filler.say)))
        self._fillers.said_of_all()

    def response_ended(self, response_id: str, *, was_cancelled: bool, has_spoken: bool) -> bool:
        """Note the end of a response; True if its turn goes on with what the functions say.

        A response that `has_spoken` has announced its calls itself.
        """
        if has_spoken:
            self._fillers.said(*self._rounds.calls_of(response_id))
        if was_cancelled:
            for call_id in self._rounds.calls_of(response_id):
                self._advance_call(call_id, tools.Cancel())
            self._rounds.forget(response_id)
        goes_on = bool(self._rounds.calls_of(response_id))
        self._rounds.close(response_id)
        self._follow_up()
        return goes_on

    def _follow_up(self) -> None:
        for round_ in self._rounds.complete():
            ask_id = self._names.new("results")
            missing = self._unacknowledged.intersection(
                self._outputs[call_id] for call_id in round_.calls
            )
            if missing:
                self._asks[ask_id] = asks.Awaiting(frozenset(missing))
                self._out.append(effects.SetTimer(Timer("ask", ask_id), limits.OUTPUT_MS))
            else:
                self._asks[ask_id] = asks.Placed()
                self._sequencer.add(Request((ask_id,)))

    def _advance_call(self, call_id: str, event: tools.Event) -> None:
        call, produced = self._rounds.receive(call_id, event)
        for effect in produced:
            match effect:
                case tools.Ask():
                    self._out.append(effects.AskFunctions((call,)))
                    after_ms = self._manners_of(call_id).deadline_ms
                    self._out.append(effects.SetTimer(Timer("call", call_id), after_ms))
                case tools.Output(output):
                    told = self._in_words(call_id, output)
                    self._outputs[call_id] = self.send(entries.CallOutput(call_id, told))
                case tools.Late(output):
                    late = entries.LateResult(call_id, call.name, output)
                    self._await(self.send(late))
                case tools.Withdraw():
                    self._out.append(effects.CancelFunctions((call,)))
                case tools.Expired():
                    self._report(errors.CallOverdue(call_id, call.name))
                case tools.Repeated():
                    self._report(errors.RepeatedResult(call_id))
                case tools.Unwanted():
                    self._report(errors.UnknownCall(call_id))
                case _:
                    assert_never(effect)
        if isinstance(event, tools.Result) and _has_answered(produced):
            self._out.append(effects.RememberCall(call, event.output))
            self._out.append(effects.AgentThinks())
        if isinstance(event, tools.Result | tools.Cancel):
            self._out.append(effects.CancelTimer(Timer("call", call_id)))
        if not self._rounds.is_wanted(call_id):
            self._fillers.end(call_id)

    def _manners_of(self, call_id: str) -> Manners:
        return self._manners.get(self._rounds.call(call_id).name, USUAL)

    def _in_words(self, call_id: str, output: str) -> str:
        """Return what the model is told, in the words of the function where it has some."""
        filler = self._manners_of(call_id).filler
        if output != tools.STILL_RUNNING or not filler:
            return output
        return msgspec.json.encode({"status": tools.STILL_RUNNING_TEXT, "say": filler}).decode()

    def _report(self, error: errors.TurngateError) -> None:
        self._out.append(effects.Report(error))


def _has_answered(produced: tuple[tools.Effect, ...]) -> bool:
    """Tell whether a result was the first, and wanted."""
    return any(isinstance(effect, tools.Output | tools.Late) for effect in produced)
