/* The gateway: what core/session.py and the parts that it couples do with each event.
 *
 * The machines themselves are not written here: `<machine>_advance` is made from the code. This file
 * is the coupling, in the order of the code: sequencer, owed, agent, session. Events come in `in`,
 * `in_a` and `in_b`, what leaves goes into `up`. One event is handled at a time, whole.
 *
 * A wish for a response is a bit: TYPED, SPOKEN, LATE (a result that came after its output) and
 * RESULTS (the follow-up of calls). So is an item; OUTPUT is a call's, CALLED that it was made.
 */

#define BIT(n) (1 << (n))
#define HAS(mask, n) (((mask) >> (n)) & 1)
#define TYPED(n)   (n)
#define SPOKEN(n)  (3 + (n))
#define LATE(c)    (6 + (c))
#define RESULTS(c) (8 + (c))
#define OUTPUT(c)  (10 + (c))
#define CALLED(c)  (12 + (c))
#define SPEECH (BIT(SPOKEN(0)) | BIT(SPOKEN(1)) | BIT(SPOKEN(2)))
#define AGAIN 3          /* the change that tells a connection what is in force */

/* what waits, with neighbours that travel together already joined (core/waiting.py) */
#define REQUEST 1
#define UPDATE  2
#define ALONE   3        /* one change, split off a refused update */
#define WAITING 6
byte waits[WAITING]; short waits_for[WAITING]; byte waits_tries[WAITING]; byte waiting = 0;

byte sent = 0, sent_tries = 0; short sent_for = 0;          /* the entry that is on its way */
byte serving = 0; short serving_for = 0;                    /* the response that serves these */
short over = 0;                                             /* responses that are known to have ended */
#ifdef LEARN_ECHO
#define DECLARED 0
#else
#define DECLARED ECHOED
#endif
bool marks_are_echoed = DECLARED;           /* whether the upstream is known to name our requests */
byte names = 0;                                             /* the last id of ours, which come round */

mtype slot = slot_Idle; byte slot_run = 0, slot_own = 0;
mtype reservation = reservation_Free; byte reservation_of = 0;
mtype floor = floor_Quiet; byte floor_of = 0;
mtype playback = playback_Silent; byte playback_of = 0, playback_unheard = 0;
mtype tools[2] = tools_Asked;

short awaiting = 0, promised = 0;       /* the wishes in these phases; placed ones wait or are sent */
short unacknowledged = 0;               /* our items */
short missing[2] = 0;                   /* the outputs that RESULTS(c) waits for */
byte round_of[2] = 0; bool round_over[2] = false; short noted = 0, running = 0;
byte interrupt = 0;                     /* the response whose interruption has a deadline */
bool hung_up = false;

/* the event at hand; all of this is zero between two events */
mtype in = 0; byte in_a, in_b, in_c;
mtype ev = 0; byte ev_R, ev_E;                      /* what it is to the slot, */
mtype floor_event = 0, call_event = 0; byte calls_due = 0;  /* to the floor, and to these calls */
mtype playback_event = 0; byte playback_R;          /* and to the agent's voice */
byte cause;                                         /* how the response ended */
byte fx[3]; byte fx_of[3];
SCRATCH byte i, j, k; SCRATCH short m;                /* never kept from one step to the next */

inline clear_effects() {
  fx[0] = 0; fx[1] = 0; fx[2] = 0; fx_of[0] = 0; fx_of[1] = 0; fx_of[2] = 0
}

/* -- core/waiting.py, core/sequencer.py */

inline put_last(kind, mask) {
  if
  :: waiting > 0 && kind != ALONE && waits[waiting - 1] == kind ->
       waits_for[waiting - 1] = waits_for[waiting - 1] | (mask)
  :: else ->
       assert(waiting < WAITING);
       waits[waiting] = kind; waits_for[waiting] = mask; waits_tries[waiting] = 0; waiting++
  fi
}

inline put_first(kind, mask, tries) {
  if
  :: waiting > 0 && kind != ALONE && waits[0] == kind ->
       waits_for[0] = waits_for[0] | (mask);
       waits_tries[0] = (waits_tries[0] > tries -> waits_tries[0] : tries)
  :: else ->
       assert(waiting < WAITING);
       k = waiting;
       do
       :: k > 0 -> waits[k] = waits[k - 1]; waits_for[k] = waits_for[k - 1];
                   waits_tries[k] = waits_tries[k - 1]; k--
       :: else -> break
       od;
       waits[0] = kind; waits_for[0] = mask; waits_tries[0] = tries; waiting++
  fi
}

inline take_first() {
  sent = waits[0]; sent_for = waits_for[0]; sent_tries = waits_tries[0];
  waiting--; k = 0;
  do
  :: k < waiting -> waits[k] = waits[k + 1]; waits_for[k] = waits_for[k + 1];
                    waits_tries[k] = waits_tries[k + 1]; k++
  :: else -> break
  od;
  waits[waiting] = 0; waits_for[waiting] = 0; waits_tries[waiting] = 0
}

inline keep_waiting(kind, mask, tries) {
  if
  :: (mask) == 0
  :: (mask) != 0 && j > 0 && kind != ALONE && waits[j - 1] == kind ->
       waits_for[j - 1] = waits_for[j - 1] | (mask);
       waits_tries[j - 1] = (waits_tries[j - 1] > tries -> waits_tries[j - 1] : tries)
  :: else -> waits[j] = kind; waits_for[j] = mask; waits_tries[j] = tries; j++
  fi
}

/* Take back the wishes that any response answers, but for those whose item may come too late. */
inline recall() {
  j = 0; k = 0;
  do
  :: k < waiting && waits[k] == REQUEST ->
       promised = promised | (waits_for[k] & ~unacknowledged);
       keep_waiting(REQUEST, waits_for[k] & unacknowledged, waits_tries[k]); k++
  :: k < waiting && waits[k] != REQUEST -> keep_waiting(waits[k], waits_for[k], waits_tries[k]); k++
  :: else -> break
  od;
  do
  :: waiting > j -> waiting--; waits[waiting] = 0; waits_for[waiting] = 0; waits_tries[waiting] = 0
  :: else -> break
  od
}

#define IS_FREE (slot == slot_Idle && reservation == reservation_Free)
#define IS_STOPPING(r) ((slot == slot_Cancelling || slot == slot_Ending) && slot_run == (r))
#define IS_CUT(r) (playback == playback_Cut && playback_of == (r))
#define IS_VOID(r) (IS_CUT(r) || IS_STOPPING(r))
#define UNNAMED ((reservation == reservation_Free && !marks_are_echoed && \
                 (slot == slot_Requested || slot == slot_Withdrawn)) -> slot_own : 0)

/* -- core/owed.py */

inline send_item(item) { unacknowledged = unacknowledged | BIT(item); remember(item); say(SendItem, item, 0) }
inline await(wish) { wished(wish); awaiting = awaiting | BIT(wish) }
inline place(mask) { put_last(REQUEST, mask) }

inline placed_at_last(wish) { awaiting = awaiting & ~BIT(wish); place(BIT(wish)) }

inline results_lack(c, item) {
  if
  :: HAS(awaiting, RESULTS(c)) && (missing[c] & BIT(item)) ->
       missing[c] = missing[c] & ~BIT(item);
       if :: missing[c] == 0 -> placed_at_last(RESULTS(c)) :: else fi
  :: else
  fi
}

inline acknowledged(item) {
  unacknowledged = unacknowledged & ~BIT(item);
  if
  :: item >= OUTPUT(0) -> results_lack(0, item); results_lack(1, item)
  :: item < OUTPUT(0) && HAS(awaiting, item) -> placed_at_last(item)
  :: else
  fi
}

#define ROUND_IS_ANSWERED(c) (!(HAS(running, 0) && round_of[0] == round_of[c]) && \
                              !(HAS(running, 1) && round_of[1] == round_of[c]))

inline follow_up() {
  j = 0;
  do
  :: j < 2 ->
       if
       :: round_of[j] != 0 && round_over[j] && ROUND_IS_ANSWERED(j) ->
            m = BIT(OUTPUT(j));
            if
            :: j == 0 && round_of[1] == round_of[0] -> m = m | BIT(OUTPUT(1)); round_of[1] = 0; round_over[1] = false
            :: else
            fi;
            round_of[j] = 0; round_over[j] = false;
            wished(RESULTS(j));
            missing[j] = unacknowledged & m;
            if
            :: missing[j] != 0 -> awaiting = awaiting | BIT(RESULTS(j))
            :: else -> place(BIT(RESULTS(j)))
            fi
       :: else
       fi;
       j++
  :: else -> break
  od
}

/* Let the calls take an event, and do what follows. */
inline tell_calls(mask, event) {
  j = 0;
  do
  :: j < 2 && HAS(mask, j) ->
       tools_advance(j, event);
       if
       :: tools[j] != tools_Asked && tools[j] != tools_Running -> running = running & ~BIT(j)
       :: else
       fi;
       k = 0;
       do
       :: k < 3 && fx[k] == tools_Ask -> tell(AskFunctions, j); asked = asked | BIT(j); k++
       :: k < 3 && fx[k] == tools_Output -> send_item(OUTPUT(j)); k++
       :: k < 3 && fx[k] == tools_Late -> send_item(LATE(j)); await(LATE(j)); k++
       :: k < 3 && fx[k] == tools_Withdraw -> tell(CancelFunctions, j); asked = asked & ~BIT(j); k++
       :: k < 3 && fx[k] != tools_Ask && fx[k] != tools_Output && fx[k] != tools_Late &&
          fx[k] != tools_Withdraw -> k++
       :: else -> break
       od;
       j++
  :: j < 2 && !HAS(mask, j) -> j++
  :: else -> break
  od
}

inline forget_all_rounds() {
  round_of[0] = 0; round_of[1] = 0; round_over[0] = false; round_over[1] = false
}

/* -- core/agent.py, core/responses.py, and what the session does with outcomes */

#define ROUND(r) ((round_of[0] == (r) -> 1 : 0) + (round_of[1] == (r) -> 2 : 0))

inline response_ended(r, failed, cancelled) {
  if
  :: (cancelled) ->
       tell_calls(ROUND(r), tools_Cancel);
       if :: round_of[0] == r -> round_of[0] = 0; round_over[0] = false :: else fi;
       if :: round_of[1] == r -> round_of[1] = 0; round_over[1] = false :: else fi
  :: else
  fi;
  goes_on = (ROUND(r) != 0);
  was_for(r, failed || goes_on);
  if :: round_of[0] == r -> round_over[0] = true :: else fi;
  if :: round_of[1] == r -> round_over[1] = true :: else fi;
  follow_up();
#ifdef FORGET_UNHEARD
#define UNHEARD false
#else
#define UNHEARD playback_unheard
#endif
  if
  :: IS_CUT(r) && UNHEARD && !(failed) && !goes_on && serving == r && serving_for != 0 ->
       unsettled(serving_for);
       put_first(REQUEST, serving_for, serving_tries);
       serving = 0; serving_for = 0; serving_tries = 0
  :: else
  fi;
  assert(playback_event == 0);
  playback_event = (goes_on -> playback_Continued : playback_Over); playback_R = r
}
SCRATCH byte goes_on; byte serving_tries = 0;

inline silence(r) {
  if :: r != 0 -> interrupt = r :: else fi;
  playback_event = playback_Interrupted; playback_R = r
}

inline returned(was_refused) {
  if :: serving_for == sent_for -> serving = 0; serving_for = 0; serving_tries = 0 :: else fi;
  if :: (was_refused) -> was_not_its_own(sent_for) :: else fi;
  if
  :: !(was_refused) -> unsettled(sent_for); put_first(REQUEST, sent_for, sent_tries)
  :: (was_refused) && sent_tries + 1 >= TRIES ->
       unsettled(sent_for); failed_for_good(sent_for); playback_event = playback_Abandoned
  :: else -> keep_refused(sent_for, sent_tries + 1)
  fi
}

inline update_returned() {
  if
  :: sent_tries + 1 >= TRIES -> assert(hard_times); decline_all(sent_for)
  :: else -> put_first(sent, sent_for, sent_tries + 1)
  fi
}

inline acknowledge_all(mask) {
  j = 0;
  do
  :: j < 3 -> if :: HAS(mask, j) -> tell(Acknowledge, j); confirmed(j) :: else fi; j++
  :: else -> break
  od
}

inline decline_all(mask) {
  j = 0;
  do
  :: HAS(mask, AGAIN) -> tell(Refuse, 0); hang_up(); break
  :: !HAS(mask, AGAIN) && j < 3 -> if :: HAS(mask, j) -> tell(Refuse, 0); declined(j) :: else fi; j++
  :: else -> break
  od
}

#define IS_SINGLE(mask) ((mask) == 1 || (mask) == 2 || (mask) == 4 || (mask) == BIT(AGAIN))

inline not_applied(was_refused) {
  if
  :: IS_SINGLE(sent_for) || !(was_refused) -> decline_all(sent_for)
  :: else ->
       m = sent_for;
       if :: m & 4 -> put_first(ALONE, 4, 0) :: else fi;
       if :: m & 2 -> put_first(ALONE, 2, 0) :: else fi;
       if :: m & 1 -> put_first(ALONE, 1, 0) :: else fi;
       if :: m & BIT(AGAIN) -> put_first(ALONE, BIT(AGAIN), 0) :: else fi
  fi
}

inline foreign(r) {
  m = (reservation == reservation_Reserved);
  reservation_advance(reservation_Claimed, 0, r);
  if
  :: m -> serving = r; serving_for = promised; serving_tries = 0; settled_by(promised, r); promised = 0
  :: else
  fi
}

/* Act on what follows from the slot's step, effect by effect. */
inline follow_slot() {
  act[0] = fx[0]; act[1] = fx[1]; act[2] = fx[2]; act_of[0] = fx_of[0]; act_of[1] = fx_of[1]; act_of[2] = fx_of[2];
  i = 0;
  do
  :: i < 3 && act[i] == slot_Applied && sent != REQUEST && sent != 0 ->
       acknowledge_all(sent_for); setup_advance(setup_Confirmed); released = (fx[0] == setup_Release); i++
  :: i < 3 && act[i] == slot_NotApplied && sent != REQUEST && sent != 0 -> not_applied(ev == slot_Rejected); i++
  :: i < 3 && act[i] == slot_Answered && sent == REQUEST ->
       serving = act_of[i]; serving_for = sent_for; serving_tries = sent_tries; settled_by(sent_for, act_of[i]); i++
  :: i < 3 && act[i] == slot_Returned && sent == REQUEST -> returned(ev == slot_Taken); i++
  :: i < 3 && act[i] == slot_Returned && sent != REQUEST && sent != 0 -> update_returned(); i++
  :: i < 3 && act[i] == slot_Failed && sent == REQUEST ->
       failed_for_good(sent_for); playback_event = playback_Abandoned; i++
  :: i < 3 && act[i] == slot_Foreign -> foreign(act_of[i]); i++
  :: i < 3 && act[i] == slot_Ended ->
       over = over | BIT(act_of[i]); response_ended(act_of[i], cause == FAILED, cause == CANCELLED); i++
  :: i < 3 && act[i] == slot_SendCancel -> say(SendCancel, act_of[i], 0); i++
  :: i < 3 && act[i] == slot_Deaf -> gone = true; i++
  :: i < 3 && (act[i] == 0 || act[i] == slot_Stray) -> i++
  :: else -> break
  od;
  ev = 0; ev_R = 0; ev_E = 0
}
SCRATCH byte act[3]; SCRATCH byte act_of[3];

inline hang_up() { if :: !hung_up -> hung_up = true; ended_with_a_reason(); tell(Hangup, 0) :: else fi }

/* -- core/session.py */

inline committed(u) {
  if
  :: SERVER_TURNS ->
       wished(SPOKEN(u)); promised = promised | BIT(SPOKEN(u)); recall();
       reservation_advance(reservation_Committed, u + 1, 0)
  :: else -> await(SPOKEN(u))
  fi
}

/* The floor knows utterances by number; 0 is none. */
inline advance_floor(event, u) {
  floor_advance(event, u);
  if
  :: fx[0] == floor_Taken ->
       tell(UserStarted, 0); silence(slot_run);
       if :: slot == slot_Requested -> ev = slot_Cancel :: else fi
  :: fx[0] == floor_Spoken -> committed(in_a)
  :: else
  fi
}

inline unclaimed() {
  if :: promised != 0 -> place(promised); promised = 0 :: else fi
}

inline overdue(wish) {
  if :: wish >= RESULTS(0) -> missing[wish - RESULTS(0)] = 0 :: else fi;
  placed_at_last(wish)
}

/* What comes while there is no connection waits. */
#ifdef FORGET_HELD
#define hold(where, n) skip
#else
#define hold(where, n) where = where | BIT(n)
#endif
#ifdef SEND_TO_NOBODY
#define SENDS_AT_ONCE 1
#else
#define SENDS_AT_ONCE 0
#endif

/* Tell what an event is to whom. */
inline hear() {
  if
  :: in == UserTyped ->
       to_type = to_type & ~BIT(in_a);
       if
       :: setup == setup_Ready -> send_item(TYPED(in_a)); await(TYPED(in_a))
       :: else -> wished(TYPED(in_a)); hold(held_typed, in_a)
       fi
  :: in == Reconfigure ->
       to_change = to_change & ~BIT(in_a); changed = changed | BIT(in_a);
       if :: setup == setup_Ready -> put_last(UPDATE, BIT(in_a)) :: else -> hold(held_changes, in_a) fi
  :: in == CallResult ->
       asked = asked & ~BIT(in_a);
       if
       :: setup == setup_Ready -> calls_due = BIT(in_a); call_event = tools_Result
       :: else -> hold(held_results, in_a)
       fi
  :: in == ResponseCreated ->
       begun = begun | BIT(in_a); running_known = BIT(in_a);
       if :: in_b != 0 -> marks_are_echoed = true; unanswered = 0 :: else fi;
       if :: in_b == 0 && !ECHO -> unanswered = 0 :: else fi;
       if :: !HAS(over, in_a) -> ev = slot_Created; ev_R = in_a; ev_E = (in_b -> in_b : UNNAMED) :: else fi
  :: in == ResponseDone ->
       running_known = running_known & ~BIT(in_a); heard_out = heard_out | BIT(in_a);
       if
       :: !HAS(over, in_a) ->
            ev = slot_Done; ev_R = in_a; ev_E = in_b; cause = in_c;
            if :: proving && in_c != FAILED -> proving = false; dials = 0 :: else fi;
            if :: in_a != slot_run && in_b == 0 -> ev_E = UNNAMED :: else fi
       :: else
       fi
  :: in == ItemAcknowledged ->
       if :: in_a >= SPOKEN(0) && in_a < LATE(0) -> remember(in_a) :: else fi;
       acknowledged(in_a)
  :: in == ItemRejected && HAS(unacknowledged, in_a) ->
       unacknowledged = unacknowledged & ~BIT(in_a); remembered = remembered & ~BIT(in_a); awaiting = awaiting & ~BIT(in_a); failed_for_good(BIT(in_a))
  :: in == CallAsked && !HAS(over, in_a) && !HAS(noted, in_b) ->
       noted = noted | BIT(in_b); remember(CALLED(in_b)); running = running | BIT(in_b); tools[in_b] = tools_Asked; calls_due = BIT(in_b);
       if
       :: IS_VOID(in_a) -> call_event = tools_Cancel
       :: else -> round_of[in_b] = in_a; call_event = tools_Announce
       fi
  :: in == AudioBegan && !HAS(over, in_a) && !IS_VOID(in_a) && (slot_run == 0 || slot_run == in_a) ->
       heard(in_a); playback_event = playback_AudioBegan; playback_R = in_a; tell(OpenGate, in_a)
  :: in == SpeechStarted ->
       floor_event = floor_Started;
       if :: floor == floor_Quiet -> taken_by_user() :: else fi
  :: in == SpeechStopped -> floor_event = floor_Stopped
  :: in == SpeechCommitted -> floor_event = floor_Committed
  :: in == TimerFloor -> floor_event = floor_Overdue
  :: in == SlotTaken -> unanswered = 0; ev = slot_Taken; ev_E = in_a; ev_R = in_b
  :: in == CancelMissed -> ev = slot_CancelMissed
  :: in == Updated -> unanswered = 0; ev = slot_Updated
  :: in == Rejected -> unanswered = 0; ev = slot_Rejected; ev_E = in_a
  :: in == TimerSlot && slot == slot_Idle ->
       reservation_advance(reservation_Overdue, 0, 0); unclaimed()
  :: in == TimerSlot && slot != slot_Idle ->
       running_known = 0; unanswered = 0; ev = slot_Overdue; cause = FAILED
  :: in == TimerAsk -> overdue(in_a)
  :: in == TimerCall ->
       asked = asked & ~BIT(in_a);
       if
       :: setup == setup_Ready || SENDS_AT_ONCE -> calls_due = BIT(in_a); call_event = tools_Overdue
       :: else -> hold(held_overdue, in_a)
       fi
  :: in == TimerPatience -> calls_due = running; call_event = tools_Park; forget_all_rounds()
  :: in == TimerInterrupt -> interrupt = 0; ev = slot_Cancel
  :: in == Lost -> gone = true
  :: in == Opened -> setup_advance(setup_Opened)
  :: in == Drain -> leaving = true
  :: in == Left -> left_in_peace(); hang_up()
  :: in == DrainOverdue -> hang_up()
  :: in == Dialled -> dial_again()
  :: else                                          /* it concerns nobody */
  fi;
  if :: floor_event != 0 -> advance_floor(floor_event, in_a + 1) :: else fi;
  correlate()
}

/* Tell calls what happens to them; what was held of them comes last. */
inline tell_functions() {
  do
  :: call_event != 0 ->
       tell_calls(calls_due, call_event);
       if :: call_event == tools_Result || call_event == tools_Overdue -> follow_up() :: else fi;
       if
       :: setup == setup_Ready && held_overdue != 0 ->
            calls_due = held_overdue; call_event = tools_Overdue; held_overdue = 0
       :: else -> calls_due = 0; call_event = 0
       fi
  :: else -> break
  od
}

/* What the connection comes to, once the slot has taken the event. */
inline change_connection() {
  if :: gone && !hung_up -> lose() :: else fi;
  if :: released -> release() :: else fi
}

inline advance_playback() {
  if :: playback_event != 0 -> playback_advance(playback_event, playback_R, 0) :: else fi;
  playback_event = 0; playback_R = 0
}

/* What follows from the event, once the slot has taken it. */
inline conclude() {
  if
  :: in == ResponseCreated && floor != floor_Quiet -> silence(in_a); silenced = silenced | BIT(in_a); advance_playback()
  :: in == ResponseDone -> over = over | BIT(in_a)
  :: else
  fi;
  uncorrelate()
}

#ifdef SPEAK_OVER_THE_USER
#define MAY_REQUEST (running == 0 && awaiting == 0)
#else
#ifdef ASK_BESIDE_CALLS
#define MAY_REQUEST (floor == floor_Quiet && awaiting == 0)
#else
#ifdef ASK_BEFORE_ITEMS
#define MAY_REQUEST (floor == floor_Quiet && running == 0)
#else
#define MAY_REQUEST (floor == floor_Quiet && running == 0 && awaiting == 0)
#endif
#endif
#endif

#ifdef FORGET_IN_FORCE
#define IN_FORCE_OF(mask) 0
#else
#define IN_FORCE_OF(mask) (HAS(mask, AGAIN) -> acknowledged_changes : 0)
#endif

/* Let go what may go. */
inline drain() {
  if
  :: setup != setup_Dialling && floor == floor_Quiet && IS_FREE && waiting > 0 && waits[0] == REQUEST && running == 0 -> make_way()
  :: else
  fi;
  if
  :: !hung_up && setup != setup_Dialling && IS_FREE && waiting > 0 && waits[0] != REQUEST ->
       take_first(); names = names % 3 + 1;
       ev = slot_UpdateSent; ev_E = names; leaves(false); say(SendUpdate, names, sent_for | IN_FORCE_OF(sent_for))
  :: !hung_up && setup != setup_Dialling && IS_FREE && waiting > 0 && waits[0] == REQUEST && MAY_REQUEST ->
       take_first(); names = names % 3 + 1;
       ev = slot_RequestSent; ev_E = names; leaves(true); say(SendRequest, names, sent_for)
  :: else
  fi
}

/* A user's turn that is ready takes in whatever the functions have said. */
inline make_way() {
  m = 0; k = 0;
  do
  :: k < waiting && waits[k] == REQUEST -> m = m | waits_for[k]; k++
  :: k < waiting && waits[k] != REQUEST -> k++
  :: else -> break
  od;
  if :: (m & (BIT(LATE(0)) - 1)) != 0 -> forget_all_rounds() :: else fi
}

/* Forget what makes no difference any more, so that equal situations are equal states. */
inline tidy_up() {
  if :: slot_own == 0 -> sent = 0; sent_for = 0; sent_tries = 0 :: else fi;
  if :: serving != 0 && HAS(over, serving) -> serving = 0; serving_for = 0; serving_tries = 0 :: else fi;
  if :: interrupt != slot_run -> interrupt = 0 :: else fi;
  if :: slot == slot_Idle && !hard_times -> names = 0 :: else fi;
  if :: hung_up -> forget_call() :: else fi;
  clear_effects(); ev = 0; ev_R = 0; ev_E = 0; in = 0; in_a = 0; in_b = 0; in_c = 0; cause = 0; floor_event = 0; call_event = 0; calls_due = 0
}

inline forget_call() {
  slot = slot_Idle; slot_run = 0; slot_own = 0; reservation = reservation_Free; reservation_of = 0;
  floor = floor_Quiet; floor_of = 0; playback = playback_Silent; playback_of = 0; playback_unheard = 0;
  do :: waiting > 0 -> waiting--; waits[waiting] = 0; waits_for[waiting] = 0; waits_tries[waiting] = 0 :: else -> break od;
  sent = 0; sent_for = 0; sent_tries = 0; serving = 0; serving_for = 0; serving_tries = 0; over = 0;
  marks_are_echoed = DECLARED; names = 0; awaiting = 0; promised = 0; unacknowledged = 0; missing[0] = 0; missing[1] = 0;
  forget_all_rounds(); noted = 0; running = 0; interrupt = 0; asked = 0;
  silenced = 0; begun = 0; in_use = 0; heard_out = 0;
  setup = setup_Ready; dials = 0; proving = false; remembered = 0; leaving = false; lost_speech = 0;
  held_typed = 0; held_changes = 0; held_results = 0; held_overdue = 0;
  forget_upstream()
}

/* The caller comes back, and types again what was not answered. */
inline dial_again() {
  hung_up = false;
  m = told & (BIT(SPOKEN(0)) - 1);
  to_type = to_type | m; told = told & ~m; want = want & ~m
}
