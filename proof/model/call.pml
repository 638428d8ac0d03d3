/* One call: a caller, the gateway, the upstream, and the wire from it on which things take their time.
 *
 * The gateway hears the caller at once, for it takes one event at a time, whichever comes first. What
 * it says itself, the upstream takes at once, and before that may say something that crosses it. Otherwise
 * the upstream says nothing before it is heard. Every other order is one of these to whoever is in it
 * (README.md, Orders). A deadline passes only where what it waits for cannot come any more: the
 * deadlines are seconds and the wires are not (but an interruption and patience end at any moment).
 *
 * Bounds, all to be set: WISHES typed, SPEECHES spoken, CALLS made by the model, CHANGES of the
 * settings of which BAD_CHANGES (bits) are refused, WHIMS of the upstream, which are responses that
 * nobody asked for, FAULTS, LOSSES of the connection, DRAINS of the gateway, and LAG: how much may be
 * under way when the upstream says something that crosses what the gateway says.
 */

mtype = {   /* what is said, as core/events.py and core/effects.py name it */
  UserTyped, Reconfigure, CallResult,
  Updated, ResponseCreated, ResponseDone, ItemAcknowledged, CallAsked, AudioBegan,
  SpeechStarted, SpeechStopped, SpeechCommitted, SlotTaken, CancelMissed, Rejected, ItemRejected, Trouble,
  SendUpdate, SendItem, SendRequest, SendCancel, TellAgain,
  Acknowledge, Refuse, AskFunctions, CancelFunctions, OpenGate, UserStarted, Redial, Hangup
};
mtype = { TimerSlot, TimerFloor, TimerAsk, TimerCall, TimerPatience, TimerInterrupt, Lost, Opened, Dialled,
          Drain, Left, DrainOverdue };

#ifdef NO_DEADLINES
#define TIMERS 0
#else
#define TIMERS 1
#endif

#define COMPLETED 0      /* how a response ended */
#define CANCELLED 1
#define FAILED    2

#define WIRE 12
chan up = [WIRE] of { mtype, byte, short };
chan down = [WIRE] of { mtype, byte, byte, byte };

#define say(what, a, mask) up!what,a,mask; tell(what, a)
#define tell(what, a) printf("< "); printm(what); printf(" %d\n", a)

/* where a search is, for those who follow it */
#ifdef FOLLOWED
#define moved() c_code { printf("@ %ld\n", depth); }
#else
#define moved() skip
#endif

/* what is never kept from one step to the next is no part of a state */
#ifdef BREADTH_FIRST
#define SCRATCH
#else
#define SCRATCH hidden
#endif

#include "tables.pml"
#include "gateway.pml"
#include "connections.pml"
#include "promises.pml"
#include "upstream.pml"
#include "forget.pml"

#define CALLER \
  byte to_type = BIT(WISHES) - 1, to_change = BIT(CHANGES) - 1, losses = LOSSES, drains = DRAINS, redials = LOSSES + DRAINS

#define LOWEST(mask) (HAS(mask, 0) -> 0 : (HAS(mask, 1) -> 1 : 2))

/* Of several items whose acknowledgement is overdue, the first. */
inline name_the_wish() {
  if
  :: in == TimerAsk -> do :: !HAS(awaiting, in_a) -> in_a++ :: else -> break od
  :: else
  fi
}

/* Print how the gateway stands: what waits is the wishes, then the changes. */
inline stand() {
  m = awaiting; j = 0; k = 0;
  do
  :: k < waiting && waits[k] == REQUEST -> m = m | waits_for[k]; k++
  :: k < waiting && waits[k] != REQUEST -> j = j | waits_for[k]; k++
  :: else -> break
  od;
  k = (round_of[0] != 0 -> 1 : 0) + (round_of[1] != 0 -> 2 : 0);
  printf("= "); printm(slot); printf(" %d %d %d %d %d\n", slot_run, m, j, k, (IN_TURN -> 1 : 0))
}

inline begin_again() {
  forget_call(); forget_promises(); hung_up = false; speaking = false;
  calls_made = 0; speeches = 0; faults = FAULTS; whims = WHIMS;
  refusals = 0; refused_by = 0; refused_for = 0;
  to_type = BIT(WISHES) - 1; to_change = BIT(CHANGES) - 1;
  losses = LOSSES; drains = DRAINS; redials = LOSSES + DRAINS;
  printf("> Again 0 0 0\n= slot_Idle 0 0 0 0 0\n")
}

#define IS_AT_REST (slot == slot_Idle && reservation == reservation_Free && floor == floor_Quiet && awaiting == 0 && \
                    setup == setup_Ready)

/* Some variables belong to the process, for Spin stores these once for all that they occur with. */
active proctype Call() {
  CALLER; UPSTREAM; PROMISES;
end_call:
  do
  :: fails_silently(len(down) == 0)
  :: atomic {
       if
       :: len(down) > 0 -> down?in,in_a,in_b,in_c
       :: says(IS_CONNECTED && len(down) == 0); down?in,in_a,in_b,in_c
       :: !hung_up && to_type != 0 -> in = UserTyped; in_a = LOWEST(to_type)
       :: !hung_up && to_change != 0 -> in = Reconfigure; in_a = LOWEST(to_change)
       :: !hung_up && HAS(asked, 0) -> in = CallResult; in_a = 0
       :: !hung_up && HAS(asked, 1) -> in = CallResult; in_a = 1
       :: !hung_up && WIRE_IS_QUIET && UPSTREAM_RESTS && TIMERS &&
          (slot != slot_Idle || reservation == reservation_Reserved) -> in = TimerSlot
       :: !hung_up && WIRE_IS_QUIET && floor != floor_Quiet && !speaking && TIMERS -> in = TimerFloor
       :: !hung_up && WIRE_IS_QUIET && awaiting != 0 && TIMERS -> in = TimerAsk
       :: !hung_up && faults > 0 && HAS(asked, 0) -> faults--; hard_times = true; in = TimerCall; in_a = 0
       :: !hung_up && faults > 0 && HAS(asked, 1) -> faults--; hard_times = true; in = TimerCall; in_a = 1
       :: !hung_up && floor == floor_Quiet && IS_FREE && waiting > 0 && waits[0] == REQUEST && running != 0 ->
            in = TimerPatience
       :: !hung_up && interrupt != 0 && interrupt == slot_run -> in = TimerInterrupt
       :: !hung_up && losses > 0 -> losses--; in = Lost
       :: !hung_up && setup == setup_Dialling -> in = Opened
       :: !hung_up && drains > 0 && !leaving -> drains--; in = Drain
       :: !hung_up && leaving && !IN_TURN -> in = Left
       :: !hung_up && leaving -> in = DrainOverdue
       :: hung_up && (to_type | to_change | told) != 0 && redials > 0 -> redials--; in = Dialled
       fi;
       d_step { name_the_wish(); moved(); printf("> "); printm(in); printf(" %d %d %d\n", in_a, in_b, in_c); hear();
                if :: ev != 0 -> slot_advance(ev, ev_E, ev_R) :: else fi };
       d_step { follow_slot() };
       d_step { change_connection(); tell_functions();
                advance_playback() };
       d_step { conclude(); drain();
                if :: ev != 0 -> slot_advance(ev, ev_E, ev_R) :: else fi;
                tidy_up(); look_around(); stand() };
       takes_all();
       d_step { forget() }
     }
  :: timeout ->
       assert(hung_up || (SETTLED && IS_AT_REST));   /* at the end nobody waits and the slot is free */
#ifdef WALKS
       d_step { begin_again() }
#else
       break
#endif
  od
}

ltl served { <> [] (SETTLED || hung_up) }

