/* The upstream: one active response, answers in order, speech and responses of its own accord.
 *
 * It is honest and strict. What it may do wrong is counted in `faults`. A response has an id that is
 * used again only when nobody can mean it any more, and takes in what the conversation holds when it begins.
 */

#define UPSTREAM \
  byte holder = 0, active_mark = 0, active_calls = 0; bool voiced = false, endless = false; \
  byte calls_made = 0, speeches = 0; bool speaking = false, owes = false; \
  short conversation = 0, lost_speech = 0; bool is_fresh = false, may_repeat = false; byte without_output = 0; \
  byte faults = FAULTS, whims = WHIMS; \
  byte refusals = 0, refused_by = 0; short refused_for = 0

#define STRANGER 14      /* the id of a response that nobody here knows */

#define CROSSES (SERVER_TURNS || WHIMS > 0)
#define MARK(own) (ECHO -> (own) : 0)
#define OUTPUTS_OF(mask) (((mask) >> RESULTS(0) & 3) << OUTPUT(0))
#define ITEMS_OF(mask) (((mask) & (BIT(RESULTS(0)) - 1)) | OUTPUTS_OF(mask))

inline begin(own) {
  holder = 1;
  do :: HAS(in_use, holder) -> holder++ :: else -> break od;
  assert(holder < STRANGER);   /* responses have ids enough */
  in_use = in_use | BIT(holder); active_mark = own; active_calls = 0; voiced = false; endless = false;
  is_fresh = false; may_repeat = false;
  down!ResponseCreated,holder,MARK(own),0
}

inline end(status) {
  if :: status == CANCELLED && !voiced -> is_fresh = true :: else fi;
  if :: status == COMPLETED -> without_output = without_output | (active_calls & ~outputs) :: else fi;
  down!ResponseDone,holder,MARK(active_mark),status;
  forget_active()
}

inline forget_active() {
  holder = 0; active_mark = 0; active_calls = 0; voiced = false; endless = false; refused_by = 0; refused_for = 0
}

/* Be told a conversation. There is something to answer if somebody waits; what the user said and
 * nobody has written down is gone.
 */
inline hear_again() {
  conversation = conversation | told_for;
  if :: HAS(told_for, OUTPUT(0)) -> gives_output(0) :: else fi;
  if :: HAS(told_for, OUTPUT(1)) -> gives_output(1) :: else fi;
  without_output = (told_for >> CALLED(0)) & 3 & ~outputs;
  if :: (ITEMS_OF(want & ~(settled | told)) & told_for) != 0 -> is_fresh = true :: else fi;
  if :: lost_speech != 0 -> may_repeat = true :: else fi
}

/* The connection is gone, and with it what was on the wires. */
inline forget_upstream() {
  do :: len(up) > 0 -> up?_,_,_ :: else -> break od;
  do :: len(down) > 0 -> down?_,_,_,_ :: else -> break od;
  forget_active(); owes = false; conversation = 0; is_fresh = false; may_repeat = false; without_output = 0;
  running_known = 0; unanswered = 0; outputs = 0;
  over = over | begun; heard_out = begun; in_use = begun;
  if :: speaking -> speaking = false; speeches++ :: else fi
}

/* Take the next of what the gateway has sent. */
inline take() {
  up?told_kind,told_a,told_for;
  if
  :: told_kind == SendRequest && (holder != 0 || owes) ->
       assert(CROSSES || hard_times);   /* where nobody else asks, no request meets a response */
       assert(holder == 0 || refused_by != holder || refused_for != told_for);   /* no request meets a response twice */
       refused_by = holder; refused_for = told_for;
       refusals++; if :: refusals >= TRIES -> hard_times = true :: else fi;
       down!SlotTaken,(NAMES_ERRORS -> told_a : 0),holder,0
  :: told_kind == SendRequest && holder == 0 && !owes ->
       assert((acknowledged_changes & ~in_force) == 0 || hard_times);   /* nothing is asked before what was acknowledged is in force */
       assert(CROSSES || is_fresh || may_repeat || hard_times);   /* nothing is asked without something to answer */
       assert(CROSSES || without_output == 0 || hard_times);      /* nothing is asked beside a call without its output */
       assert((ITEMS_OF(told_for) & ~(conversation | lost_speech)) == 0 || hard_times);   /* nothing is asked before its items are there */
       begin(told_a)
  :: told_kind == SendUpdate ->
       assert(holder == 0 || CROSSES || hard_times);   /* where nobody else asks, no update meets a response */
       may_repeat = true;
       if
       :: STRICT_UPDATES && holder != 0 ->
            refusals++; if :: refusals >= TRIES -> hard_times = true :: else fi;
            down!SlotTaken,(NAMES_ERRORS -> told_a : 0),holder,0
       :: (!STRICT_UPDATES || holder == 0) && (told_for & BAD_CHANGES) -> down!Rejected,told_a,0,0
       :: else -> in_force = in_force | told_for; down!Updated,0,0,0
       fi
  :: told_kind == TellAgain -> hear_again()
  :: told_kind == SendItem ->
       conversation = conversation | BIT(told_a); is_fresh = true;
       if
       :: told_a >= OUTPUT(0) -> gives_output(told_a - OUTPUT(0));
                                 without_output = without_output & ~BIT(told_a - OUTPUT(0))
       :: else
       fi;
       down!ItemAcknowledged,told_a,0,0
  :: told_kind == SendCancel ->
       may_repeat = true;
       if
       :: holder != 0 && (told_a == 0 || told_a == holder) -> end(CANCELLED)
       :: else -> down!CancelMissed,0,0,0
       fi
  fi
}
SCRATCH mtype told_kind; SCRATCH byte told_a; SCRATCH short told_for;

/* Fail to do so: the head of what was sent is not served. */
inline refuse() {
  up?told_kind,told_a,told_for;
  if
  :: told_kind == SendItem && told_a < OUTPUT(0) -> down!ItemRejected,told_a,0,0
  :: told_kind == SendItem && told_a >= OUTPUT(0) ->
       gives_output(told_a - OUTPUT(0)); without_output = without_output & ~BIT(told_a - OUTPUT(0));
       conversation = conversation | BIT(told_a); is_fresh = true     /* it is there, and not acknowledged */
  :: told_kind == SendRequest || told_kind == SendUpdate -> down!Rejected,told_a,0,0
  :: told_kind == TellAgain -> hear_again()
  :: told_kind == SendCancel                                          /* no answer */
  fi
}

inline ignore() { up?told_kind,told_a,told_for }

#define IS_CONNECTED (!hung_up && setup != setup_Dialling)

inline goes_wrong() { moved(); faults--; hard_times = true }

/* Say something of its own accord, where it may. */
inline says(MAY) {
  if
  /* the running response goes on, and ends */
  :: d_step { MAY && holder != 0 && !voiced && !endless -> moved(); voiced = true; down!AudioBegan,holder,0,0 }
  :: d_step { MAY && holder != 0 && calls_made < CALLS && !endless -> moved();
       active_calls = active_calls | BIT(calls_made); down!CallAsked,holder,calls_made,0; calls_made++ }
  :: d_step { MAY && holder != 0 && !endless -> moved(); end(COMPLETED) }
  /* a response of its own, to speech that it has the right to answer */
  :: d_step { MAY && holder == 0 && owes -> moved(); owes = false; begin(0) }
  /* and one that nobody can know of before, such as after a long silence */
  :: d_step { MAY && holder == 0 && !owes && whims > 0 -> moved(); whims--; begin(0) }
  /* the user speaks; a server that interrupts has cancelled, or will be told to */
  :: d_step { MAY && setup == setup_Ready && !speaking && speeches < SPEECHES -> moved();
       speaking = true; owes = false; down!SpeechStarted,speeches,0,0;
       if :: holder != 0 -> end(CANCELLED) :: else fi }
  :: d_step { MAY && setup == setup_Ready && !speaking && speeches < SPEECHES && holder != 0 && SLOW_INTERRUPTS -> moved();
       speaking = true; owes = false; down!SpeechStarted,speeches,0,0 }
  :: d_step { MAY && speaking -> moved();
       speaking = false; is_fresh = true; conversation = conversation | BIT(SPOKEN(speeches));
       down!SpeechStopped,speeches,0,0; down!SpeechCommitted,speeches,0,0;
       down!ItemAcknowledged,SPOKEN(speeches),0,0; owes = SERVER_TURNS; speeches++ }
  :: d_step { MAY && speaking && NOISE -> moved(); speaking = false; down!SpeechStopped,speeches,0,0; speeches++ }
  /* what goes wrong */
  :: d_step { MAY && faults > 0 && holder != 0 && !endless -> goes_wrong(); end(FAILED) }
  :: d_step { MAY && faults > 0 -> goes_wrong(); down!Trouble,0,0,0 }
  :: d_step { MAY && faults > 0 -> goes_wrong(); down!ResponseDone,STRANGER,0,COMPLETED }
  fi
}

/* Take what was sent, in order; before each it may still say something of its own accord. */
inline takes_all() {
  do
  :: len(up) == 0 -> break
  :: d_step { len(up) > 0 -> moved(); take(); look_around(); told_kind = 0 }
  :: d_step { len(up) > 0 && faults > 0 -> goes_wrong(); refuse(); told_kind = 0 }
  :: d_step { len(up) > 0 && faults > 0 -> goes_wrong(); ignore(); told_kind = 0 }
  :: says(IS_CONNECTED && len(up) > 0 && len(down) <= LAG)
  :: fails_silently(len(up) > 0)
  od
}

inline fails_silently(MAY) {
  if
  :: d_step { MAY && IS_CONNECTED && faults > 0 && holder != 0 && !endless -> goes_wrong(); endless = true }
  :: d_step { MAY && IS_CONNECTED && faults > 0 && holder != 0 -> goes_wrong(); forget_active() }
  fi
}
