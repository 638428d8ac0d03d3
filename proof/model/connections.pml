/* The upstream's connections, one after the other (core/connections.py, continuity, admission).
 *
 * What is lost with one: all that is on its wires, the response that runs, what is unanswered, and
 * what the user is saying. What the next is told: all that is in force, then the conversation.
 */

mtype setup = setup_Ready;
byte dials = 0; bool proving = false;                   /* core/continuity.py */
short remembered = 0;                                   /* the conversation, as the gateway knows it */
byte held_typed = 0, held_changes = 0, held_results = 0, held_overdue = 0;   /* until setup is over */
bool leaving = false;
bool gone = false, released = false;                    /* false between two events */

#define HELD (held_typed | held_changes | held_results | held_overdue)

inline remember(item) { if :: RECONNECTS -> remembered = remembered | BIT(item) :: else fi }

inline lose() {
  gone = false;
  if
  :: RECONNECTS && dials < REDIALS -> dials++; proving = false; suspend(); tell(Redial, 0)
  :: else -> dials = 0; hang_up()
  fi
}

/* Take back what the connection owes (Sequencer, Responses, Owed, User and Changes: suspend). */
inline suspend() {
  setup_advance(setup_Lost);
  i = slot_run;
#ifndef FORGET_IN_FLIGHT
  if
  :: slot == slot_Updating || slot == slot_Requested || slot == slot_Withdrawn || slot == slot_Crossed ->
       put_first(sent, sent_for, sent_tries)
  :: else
  fi;
#endif
  if :: reservation != reservation_Free -> reservation_advance(reservation_Overdue, 0, 0); unclaimed() :: else fi;
  slot = slot_Idle; slot_run = 0; slot_own = 0; sent = 0; sent_for = 0; sent_tries = 0;
  marks_are_echoed = DECLARED;
  if :: i != 0 -> over = over | BIT(i); lose_response(i) :: else fi;
  unacknowledged = 0; missing[0] = 0; missing[1] = 0;
  if :: awaiting != 0 -> place(awaiting); awaiting = 0 :: else fi;
  floor_advance(floor_Cleared, 0);
  put_first(UPDATE, BIT(AGAIN), 0);
  lost_speech = lost_speech | (want & SPEECH & ~remembered);
  forget_upstream(); in_force = 0
}

#ifdef ASK_AGAIN_ALL
#define IS_HEARD(r) false
#define CUT_SHORT(r) false
#else
#define IS_HEARD(r) (playback == playback_Audible && playback_of == (r))
#define CUT_SHORT(r) (IS_CUT(r) && !playback_unheard)
#endif

/* What was heard of a response stays; one of which nothing was heard is asked for again. */
inline lose_response(r) {
  if
  :: ROUND(r) != 0 || CUT_SHORT(r) -> response_ended(r, false, false)
  :: ROUND(r) == 0 && !CUT_SHORT(r) && IS_HEARD(r) -> response_ended(r, true, false)
  :: else ->
       if
       :: serving == r && serving_for != 0 ->
            unsettled(serving_for); put_first(REQUEST, serving_for, serving_tries);
            serving = 0; serving_for = 0; serving_tries = 0
       :: else
       fi
  fi
}

/* Another connection knows what is in force: tell it the conversation, and let flow what was held. */
inline release() {
  released = false; proving = true;
#ifndef ASK_BEFORE_TOLD
  tell_again();
#endif
  i = 0;
  do
  :: i < 3 ->
       if :: HAS(held_typed, i) -> send_item(TYPED(i)); await(TYPED(i)) :: else fi;
       i++
  :: else -> break
  od;
  if :: held_changes != 0 -> put_last(UPDATE, held_changes) :: else fi;
  if
  :: held_results != 0 -> calls_due = held_results; call_event = tools_Result
  :: held_results == 0 && held_overdue != 0 -> calls_due = held_overdue; call_event = tools_Overdue; held_overdue = 0
  :: else
  fi;
  held_typed = 0; held_changes = 0; held_results = 0
}

inline tell_again() {
  if :: remembered != 0 -> up!TellAgain,0,remembered :: else fi;
  i = 0;
  do
  :: i <= CALLED(1) -> if :: HAS(remembered, i) -> tell(SendItem, i) :: else fi; i++
  :: else -> break
  od
}

/* The call ends when nobody is owed anything, or at the drain's deadline. */
#define RUNS (slot != slot_Idle && !(slot == slot_Updating && slot_run == 0))
#define ANY(n) (waiting > (n) && waits[n] == REQUEST)
#define REQUESTS_WAIT (ANY(0) || ANY(1) || ANY(2) || ANY(3) || ANY(4) || ANY(5))
#ifdef LEAVE_IN_TURN
#define IN_TURN 0
#else
#define IN_TURN (RUNS || REQUESTS_WAIT || reservation != reservation_Free || floor != floor_Quiet || \
                 (awaiting | promised | running | held_typed) != 0)
#endif
