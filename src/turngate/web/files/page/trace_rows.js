/**
 * From a call's trace to what can be drawn: messages in order, and what was held, why, for how long.
 *
 * @typedef {{ what: string, of: string[], why: string, by?: string[], tries?: number }} Waiting
 * @typedef {object} Trace a `TurngateTrace`
 * @property {number} at_ms
 * @property {{ leg: "client" | "upstream", way: "in" | "out", message: any }} [passed]
 * @property {{ slot: string, response_id: string | null, holds: Waiting[] }} [standing]
 *
 * @typedef {object} Passage a message, or a run of equal deltas
 * @property {"passage"} kind
 * @property {number} at
 * @property {"client" | "upstream"} leg
 * @property {"in" | "out"} way
 * @property {string} type
 * @property {any[]} messages
 * @property {string} slot the slot's phase when it passed
 * @property {Hold} [released] what it had waited for
 * @property {boolean} [holds] whether something is held meanwhile
 *
 * @typedef {object} Hold
 * @property {"hold"} kind
 * @property {number} at
 * @property {number} [until] unset while it still waits
 * @property {string} what
 * @property {string[]} of
 * @property {{ why: string, by: string[], at: number }[]} reasons in order
 * @property {number} tries
 * @property {string} slot
 * @property {boolean} [holds] whether something else is held meanwhile
 *
 * @typedef {Passage | Hold} Row
 */

/** A wait that nobody could see: the next message of the same moment ends it. */
const UNSEEN_MS = 40;

const LEAVES_AS = { request: "response.create", update: "session.update" };

/** @param {Trace[]} traces in order */
export function rowsOf(traces) {
  const reading = new Reading();
  for (const trace of traces) {
    if (trace.passed) reading.passed(trace.at_ms, trace.passed);
    if (trace.standing) reading.stands(trace.at_ms, trace.standing);
  }
  const rows = reading.rows.filter((row) => row.kind === "passage" || isSeen(row));
  /** @type {Set<Hold>} */
  const open = new Set();
  for (const row of rows) {
    for (const hold of open) if (hold.until !== undefined && hold.until < row.at) open.delete(hold);
    if (row.kind === "passage" && row.released) open.delete(row.released);
    row.holds = open.size > 0;
    if (row.kind === "hold") open.add(row);
  }
  return rows;
}

/** @param {Hold} hold */
export function isSeen({ at, until }) {
  return until === undefined || until - at >= UNSEEN_MS;
}

/** One pass over a trace. */
class Reading {
  /** @type {Row[]} */
  rows = [];
  /** @type {Map<string, Hold>} */
  #open = new Map();
  /** @type {Passage[]} since the last standing */
  #recent = [];
  #slot = "idle";

  /**
   * @param {number} at
   * @param {{ leg: "client" | "upstream", way: "in" | "out", message: any }} passed
   */
  passed(at, { leg, way, message }) {
    const type = message.type || "(unreadable)";
    const last = this.rows.at(-1);
    const goesOn = last?.kind === "passage" && last.leg === leg && last.way === way && last.type === type;
    if (goesOn && type.endsWith(".delta")) {
      last.messages.push(message);
      return;
    }
    /** @type {Passage} */
    const row = { kind: "passage", at, leg, way, type, messages: [message], slot: this.#slot };
    this.rows.push(row);
    this.#recent.push(row);
  }

  /**
   * @param {number} at
   * @param {{ slot: string, holds: Waiting[] }} standing
   */
  stands(at, { slot, holds }) {
    this.#slot = slot;
    const now = new Map(holds.map((hold) => [`${hold.what} ${hold.of.join()}`, hold]));
    const gone = [...this.#open].filter(([key]) => !now.has(key));
    for (const [key] of gone) this.#open.delete(key);
    const ended = gone.map(([, hold]) => hold);
    for (const [key, waiting] of now) this.#waits(at, key, waiting, ended);
    for (const hold of ended) this.#released(at, hold);
    this.#recent = [];
  }

  /**
   * @param {number} at
   * @param {string} key
   * @param {Waiting} waiting
   * @param {Hold[]} ended whose place it may have taken: the wish is the same, under its next name
   */
  #waits(at, key, { what, of, why, by = [], tries = 0 }, ended) {
    if (why === "calls" && by.every((id) => of.includes(id))) return; // its own function runs; nothing is ready yet
    let hold = this.#open.get(key);
    if (hold === undefined) {
      const before = ended.findIndex((each) => each.what === what && each.tries === tries);
      if (before >= 0) [hold] = ended.splice(before, 1);
    }
    if (hold === undefined) {
      hold = { kind: "hold", at, what, of, reasons: [], tries, slot: this.#slot };
      this.rows.push(hold);
    }
    const last = hold.reasons.at(-1);
    if (last?.why !== why || last.by.join() !== by.join()) hold.reasons.push({ why, by, at });
    hold.of = of;
    this.#open.set(key, hold);
  }

  /**
   * @param {number} at
   * @param {Hold} hold
   */
  #released(at, hold) {
    hold.until = at;
    const leaves = LEAVES_AS[hold.what];
    const released = this.#recent.find(({ leg, way, type }) => leg === "upstream" && way === "out" && type === leaves);
    if (released && (isSeen(hold) || hold.tries > 0)) released.released = hold;
  }
}

const REASONS = {
  settings: "the settings are not confirmed",
  unanswered: "what left last is not answered",
  response: "a response is active",
  server: "the server may answer by itself",
  user: "the user has the floor",
  calls: "a function has not returned",
  item: "its item is not acknowledged",
};

/**
 * Say why something waited: the reason that lasted longest.
 *
 * @param {Hold} hold
 * @param {number} [now] for one that still waits
 */
export function reasonOf({ reasons, until, at }, now = at) {
  const ends = [...reasons.slice(1).map((reason) => reason.at), until ?? Math.max(now, reasons.at(-1)?.at ?? at)];
  const spans = reasons.map((reason, i) => ({ reason, ms: ends[i] - reason.at }));
  const [longest] = spans.sort((one, other) => other.ms - one.ms);
  return REASONS[longest.reason.why] ?? longest.reason.why;
}
