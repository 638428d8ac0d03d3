/**
 * @typedef {object} Said a line of the conversation
 * @property {"said"} kind
 * @property {number} id
 * @property {"user" | "assistant"} role
 * @property {string} text
 * @property {number} at when, in ms since 1970
 * @property {number} [heard] how many characters had been heard when it was cut off
 *
 * @typedef {object} Called a function call
 * @property {"called"} kind
 * @property {number} id
 * @property {string} callId
 * @property {string} name
 * @property {string} args a JSON text
 * @property {boolean} isOurs whether this page runs it
 * @property {number} at
 * @property {string} [response]
 * @property {boolean} [isCancelled]
 *
 * @typedef {Said | Called} Line
 */

/** The longest conversation that is taken along into another connection, in lines. */
const MOST_LINES = 200;

/** The pace of speech, about 160 words a minute. */
const LETTERS_PER_MS = 0.016;

/**
 * What was said and called, in order, with what was cut off before it was heard.
 *
 * Event: `line` (detail: the line) whenever one is added or changes.
 */
export class Conversation extends EventTarget {
  /** @type {Line[]} */
  lines = [];
  /** The agent's turn: its lines, and since when each may be heard, on the speaker's count of ms. */
  #turn = /** @type {{ line: Said, fromMs: number, isConfirmed: boolean }[]} */ ([]);
  /** Who cut it off: the user's speech, of which the server knows, or this page, of which it does not. */
  #cut = /** @type {"" | "speech" | "page"} */ ("");
  #next = 1;

  /** @param {Line[]} lines such as another page's `lines` */
  restore(lines) {
    for (const line of lines.slice(-MOST_LINES)) this.#add({ ...line, id: 0 });
  }

  clear() {
    this.lines = [];
    this.agentStarted();
  }

  /** @param {string} text */
  userSaid(text) {
    this.#add({ kind: "said", id: 0, role: "user", text, at: Date.now() });
    this.agentStarted();
  }

  /** What the agent says from now on belongs to another turn. */
  agentStarted() {
    this.#turn = [];
    this.#cut = "";
  }

  /**
   * @param {string} text
   * @param {number} playedMs the speaker's count at this moment
   */
  agentSaid(text, playedMs) {
    /** @type {Said} */
    const line = { kind: "said", id: 0, role: "assistant", text, at: Date.now() };
    if (this.#cut !== "") line.heard = 0;
    const last = this.#turn.at(-1);
    const fromMs = Math.max(playedMs, last ? last.fromMs + last.line.text.length / LETTERS_PER_MS : 0);
    this.#turn.push({ line, fromMs, isConfirmed: false });
    this.#add(line);
  }

  /**
   * Take the server's word of what was heard of the oldest line of which it has not said so.
   *
   * @param {string} text as in `History`
   */
  agentHeard(text) {
    const said = this.#turn.find(({ isConfirmed }) => !isConfirmed);
    if (said === undefined || this.#cut === "page") return;
    said.isConfirmed = true;
    const { line } = said;
    this.#mark(line, line.text.startsWith(text) ? text.length : line.text.length);
  }

  /**
   * Note that what is still to be heard was dropped. How much of the words was heard is a guess by the
   * usual pace of speech, until the server says it.
   *
   * @param {number} playedMs
   * @param {"speech" | "page"} by
   */
  cutAt(playedMs, by) {
    this.#cut = by;
    for (const { line, fromMs } of this.#turn) {
      const heard = Math.max(0, Math.round((playedMs - fromMs) * LETTERS_PER_MS));
      this.#mark(line, wordEnd(line.text, heard));
    }
  }

  /** @param {{ id: string, name: string, arguments: string, client_side: boolean }} call */
  called({ id, name, arguments: args, client_side: isOurs }) {
    this.#add({ kind: "called", id: 0, callId: id, name, args, isOurs, at: Date.now() });
  }

  /**
   * @param {string} callId
   * @param {{ response?: string, isCancelled?: boolean }} outcome
   */
  returned(callId, outcome) {
    const found = this.lines.findLast((line) => line.kind === "called" && line.callId === callId);
    if (found === undefined) return;
    Object.assign(found, outcome);
    this.#tell(found);
  }

  /** What another connection is told of it, as `agent.context.messages`. */
  get context() {
    return this.lines.slice(-MOST_LINES).flatMap(history);
  }

  /**
   * @param {Said} line
   * @param {number} heard characters
   */
  #mark(line, heard) {
    const before = line.heard;
    if (heard < line.text.length) line.heard = heard;
    else delete line.heard;
    if (line.heard !== before) this.#tell(line);
  }

  /** @param {Line} line */
  #add(line) {
    line.id = this.#next;
    this.#next += 1;
    this.lines.push(line);
    this.#tell(line);
  }

  /** @param {Line} line */
  #tell(line) {
    this.dispatchEvent(new CustomEvent("line", { detail: line }));
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
function wordEnd(text, at) {
  const end = text.lastIndexOf(" ", at);
  return at >= text.length ? text.length : Math.max(0, end);
}

/**
 * @param {Line} line
 * @returns {object[]}
 */
function history(line) {
  if (line.kind === "called") {
    if (line.response === undefined) return [];
    const { callId: id, name, args, isOurs, response } = line;
    const call = { id, name, client_side: isOurs, arguments: args, response };
    return [{ type: "History", function_calls: [call] }];
  }
  const content = line.text.slice(0, line.heard ?? line.text.length);
  return content ? [{ type: "History", role: line.role, content }] : [];
}
