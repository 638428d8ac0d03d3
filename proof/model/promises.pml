/* What is promised, as bookkeeping that no process decides by, and the assertions on it.
 *
 * The switches at the end take one rule away each. A model in which such a rule is missing has to
 * fail; one that does not would prove nothing.
 */

short want = 0;              /* wishes that were made */
short settled = 0;           /* those that a response has taken in */
short told = 0;              /* those whose failure their author was told */
byte changed = 0, acknowledged_changes = 0, declined_changes = 0;
byte asked = 0;              /* calls that somebody works on */

/* spoke: wishes of whose answer something was heard
 * running_known: responses whose beginning has reached the gateway, and not their end
 * silenced: those that the user cut off
 * begun, heard_out: those whose beginning has reached the gateway, and those of which nothing can come any more
 * in_use: ids of responses that somebody may still mean
 * unanswered: requests and updates that have left and are not answered
 * outputs: calls that have their output in the conversation, or on the way
 * hard_times: something went wrong that excuses a failure
 */
#define PROMISES \
  byte in_force = 0, unanswered = 0, outputs = 0; bool hard_times = false; \
  short spoke = 0, running_known = 0, silenced = 0, begun = 0, heard_out = 0, in_use = 0, \
        due_again = 0   /* zero between two events */

inline wished(wish) { want = want | BIT(wish) }

inline settled_by(mask, r) {
  assert(((mask) & settled) == 0);      /* nobody is answered twice */
  assert(((mask) & spoke) == 0);        /* nobody is answered twice aloud */
  settled = settled | (mask)
}

inline unsettled(mask) { settled = settled & ~(mask); may_repeat = true }

inline failed_for_good(mask) {
  told = told | (mask);
  assert(hard_times)                    /* nobody is failed without a reason */
}

inline heard(r) {
  assert(!HAS(silenced, r));            /* nothing is heard of what was cut off */
  if :: serving == r -> spoke = spoke | serving_for :: else fi
}

/* A refused request has no response: what was heard and taken for its own was another's. */
inline was_not_its_own(mask) { spoke = spoke & ~(mask) }

/* An answer that was cut off before its first word was none: it has to be given again. */
inline was_for(r, fell_short) {
  if
  :: HAS(silenced, r) && serving == r && (spoke & serving_for) == 0 && !(fell_short) -> due_again = serving_for
  :: else
  fi
}

inline taken_by_user() { silenced = silenced | begun }

inline confirmed(change) {
  assert(HAS(in_force, change));        /* what is acknowledged is in force */
  assert(!HAS(acknowledged_changes | declined_changes, change));   /* a change is settled once */
  acknowledged_changes = acknowledged_changes | BIT(change)
}

inline declined(change) {
  assert(!HAS(in_force, change));       /* what is refused is not in force */
  assert(!HAS(acknowledged_changes | declined_changes, change));   /* a change is settled once */
  declined_changes = declined_changes | BIT(change)
}

inline leaves(is_request) {
  assert(unanswered == 0);              /* at most one request or update is unanswered */
  assert(running_known == 0);           /* nothing leaves while a response is known to be active */
  if
  :: is_request ->
       assert(floor == floor_Quiet);    /* nothing is asked while the user speaks */
       assert(running == 0)             /* nothing is asked beside a call without its output */
  :: else
  fi;
  unanswered++
}

inline gives_output(c) {
  assert(!HAS(outputs, c));             /* a call has one output */
  outputs = outputs | BIT(c)
}

/* The connection is over: the author of what is open is told so. */
inline ended_with_a_reason() {
  if
  :: serving != 0 && !HAS(over, serving) && (spoke & serving_for) == 0 -> unsettled(serving_for)
  :: else
  fi;
  told = told | (want & ~settled);
  declined_changes = declined_changes | (changed & ~acknowledged_changes)
}

inline forget_promises() {
  want = 0; settled = 0; told = 0; spoke = 0; outputs = 0; hard_times = false;
  changed = 0; in_force = 0; acknowledged_changes = 0; declined_changes = 0
}

inline left_in_peace() {
  assert((want & ~(settled | told)) == 0)   /* a call that is drained ends when nobody waits */
}

#define SETTLED (want == (settled | told) && changed == (acknowledged_changes | declined_changes) && \
                 waiting == 0 && (running | asked | HELD) == 0)
#define WIRE_IS_QUIET (len(up) == 0 && len(down) == 0)
#define UPSTREAM_RESTS ((holder == 0 && !owes) || endless)
#define NOTHING_IS_DUE (WIRE_IS_QUIET && UPSTREAM_RESTS && !hung_up && floor == floor_Quiet && slot == slot_Idle && \
                        reservation == reservation_Free && (running | asked) == 0 && awaiting == 0 && setup == setup_Ready)

inline look_around() {
  assert((due_again & settled) == 0);   /* an answer that was cut off unheard is given again */
  due_again = 0;
  assert(!NOTHING_IS_DUE || SETTLED)    /* where nothing more is due, nobody waits */
}

/* -- the rules that can be taken away */

inline keep_refused(mask, tries) {
#ifndef FORGET_REFUSED
  put_first(REQUEST, mask, tries);
#endif
  unsettled(mask)
}

inline correlate() {
#ifdef NO_CORRELATION
  if :: ev == slot_Created && slot_own != 0 -> ev_E = slot_own :: else fi
#endif
  skip
}

inline uncorrelate() {
#ifdef ACKNOWLEDGE_WHEN_SENT
  if :: slot == slot_Idle && waiting > 0 && waits[0] != REQUEST -> acknowledge_all(waits_for[0]) :: else fi;
#endif
#ifdef RESEND_AT_ONCE
  if :: in == SlotTaken -> slot = slot_Idle; slot_run = 0; slot_own = 0 :: else fi;
#endif
#ifdef END_ON_ANY_DONE
  if :: in == ResponseDone -> slot = slot_Idle; slot_run = 0; slot_own = 0 :: else fi;
#endif
#ifdef CLEAR_ON_ERROR
  if :: in == Rejected || in == ItemRejected || in == Trouble || in == CancelMissed ->
          slot = slot_Idle; slot_run = 0; slot_own = 0 :: else fi;
#endif
#ifdef IDLE_WHEN_CANCELLED
  if :: slot == slot_Cancelling -> slot = slot_Idle; slot_run = 0; slot_own = 0 :: else fi;
#endif
  skip
}
