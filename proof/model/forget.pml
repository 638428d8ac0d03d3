/* What makes no difference any more is forgotten, so that equal situations are equal states.
 *
 * Where the code goes beside the model, wishes keep their names, for these are compared.
 */

inline forget() {
  forget_responses(); forget_connection(); forget_wishes();
  if :: tools[0] == tools_Cancelled -> tools[0] = tools_Answered :: else fi;
  if :: tools[1] == tools_Cancelled -> tools[1] = tools_Answered :: else fi
}

/* An id that nobody can mean any more is free for another response. Whoever heard the last one out is
 * as silent as one who heard none.
 */
inline forget_responses() {
  if
  :: playback == playback_Paused || playback == playback_Draining || HAS(heard_out & over, playback_of) ->
       playback = playback_Silent; playback_of = 0; playback_unheard = 0
  :: else
  fi;
  m = heard_out & over & ~(1 | BIT(slot_run) | BIT(serving) | BIT(interrupt) | BIT(round_of[0]) | BIT(round_of[1]));
  heard_out = heard_out & ~m; over = over & ~m; begun = begun & ~m; silenced = silenced & ~m; in_use = in_use & ~m
}

/* This connection is the last: no other will be told what was said on it. */
#define LASTS (!RECONNECTS || losses == 0 && faults == 0 && !hard_times && setup == setup_Ready)

inline forget_connection() {
  if :: LASTS -> remembered = 0; dials = 0; proving = false :: else fi
}

/* A wish whose answer is over will not be taken back. */
#define ANSWERED (settled & ~(serving_for | sent_for))

#define MAY_JOIN (!SERVER_TURNS && !DRAINS && !FAULTS && !WHIMS && (!LOSSES || RECONNECTS && LOSSES <= REDIALS))
#define USERS (BIT(LATE(0)) - 1)
#define ALIKE(mask) ((mask) & USERS & ~(lost_speech | unacknowledged | awaiting) & (LASTS -> USERS : remembered))

inline forget_wishes() {
  m = ANSWERED;
  spoke = spoke | m; lost_speech = lost_speech & ~m; conversation = conversation & ~ITEMS_OF(m) & (BIT(CALLED(0)) - 1);
#ifndef FOLLOWED
#ifndef WALKS
  if :: MAY_JOIN -> join_all() :: else fi
#endif
#endif
}

/* What users wish travels together once it waits together. Of those one stays; the others, and those
 * who have been answered, are alike.
 */
SCRATCH short joined, alike, one;

/* `alike` are those who have been answered. */
inline join(mask) {
  joined = ALIKE(mask);
  if :: (joined & conversation) != 0 -> joined = joined & conversation :: else fi;
  if
  :: joined != 0 ->
       alike = alike | joined; one = alike & -alike; alike = alike & ~one;
       mask = mask & ~joined | one;
       if :: (settled & joined) == 0 -> settled = (settled | alike) & ~one :: else fi;
       if :: (spoke & joined) == 0 -> spoke = (spoke | alike) & ~one :: else spoke = spoke | alike | one fi;
       if :: (conversation & joined) != 0 -> conversation = conversation & ~alike | one :: else fi
  :: else
  fi
}

inline join_all() {
  alike = ALIKE(ANSWERED);
  if
  :: serving_for == sent_for && sent == REQUEST -> join(serving_for); sent_for = serving_for
  :: serving_for != sent_for && sent == REQUEST && (serving_for & sent_for) == 0 -> join(serving_for); join(sent_for)
  :: sent != REQUEST -> join(serving_for)
  :: else
  fi;
  k = 0;
  do
  :: k < waiting && waits[k] == REQUEST -> join(waits_for[k]); k++
  :: k < waiting && waits[k] != REQUEST -> k++
  :: else -> break
  od;
  joined = 0; alike = 0; one = 0
}
