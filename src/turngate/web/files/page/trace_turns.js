import { isSeen } from "./trace_rows.js";

/**
 * @typedef {import("./trace_rows.js").Row} Row
 * @typedef {import("./trace_rows.js").Passage} Passage
 *
 * @typedef {object} Bar a stretch of time in the waterfall
 * @property {string} label
 * @property {"speech" | "response" | "call" | "hold"} kind
 * @property {number} from
 * @property {number} to
 * @property {{ name: string, at: number }[]} marks what happened within, in order
 *
 * @typedef {object} Turn
 * @property {string} title
 * @property {number} at
 * @property {number} [asked] when the user had ended: the last sound of speech, or the typed line
 * @property {string} [request] the request that was sent last and not refused, by its event's id
 * @property {boolean} [isAnswered] whether what runs now answers it
 * @property {number} [heard] when the first audio of the answer left for the client
 * @property {Row[]} rows
 */

const BEGINS = new Set(["InjectUserMessage", "InjectAgentMessage", "input_audio_buffer.speech_started"]);

/**
 * Cut a call's rows where somebody takes the floor.
 *
 * @param {Row[]} rows
 */
export function turnsOf(rows) {
  /** @type {Turn[]} */
  const turns = [{ title: "Connection and settings", at: 0, rows: [] }];
  for (const row of rows) {
    if (row.kind === "passage" && row.way === "in" && BEGINS.has(row.type)) {
      turns.push({ title: titleOf(row), at: row.at, rows: [] });
    }
    const turn = /** @type {Turn} */ (turns.at(-1));
    turn.rows.push(row);
    if (row.kind === "passage") note(turn, row);
  }
  return turns;
}

/** @param {Passage} row */
function titleOf({ type, messages: [message] }) {
  if (type === "InjectUserMessage") return `“${message.content}”`;
  return type === "InjectAgentMessage" ? "A line for the agent" : "Speech";
}

/**
 * @param {Turn} turn
 * @param {Passage} row
 */
function note(turn, { type, leg, way, at, messages: [message] }) {
  if (type === "InjectUserMessage" || type === "input_audio_buffer.speech_stopped") turn.asked = at;
  if (type === "response.create") turn.request = message.event_id;
  if (type === "response.created") turn.isAnswered = turn.request !== undefined;
  if (type === "AgentStartedSpeaking" && turn.isAnswered) turn.heard ??= at;
  if (type === "error" && leg === "upstream" && message.error.event_id === turn.request) refuse(turn);
  if (type === "ConversationText" && way === "out" && message.role === "user" && turn.title === "Speech") {
    turn.title = `“${message.content}”, spoken`;
  }
}

/**
 * What has begun since the request is not its answer.
 *
 * @param {Turn} turn
 */
function refuse(turn) {
  turn.request = turn.heard = undefined;
  turn.isAnswered = false;
}

/**
 * Return what a turn was made of, in the order of its beginnings.
 *
 * @param {Turn} turn
 * @returns {Bar[]}
 */
export function barsOf({ rows }) {
  const end = rows.reduce((latest, { at }) => Math.max(latest, at), 0);
  /** @type {Bar[]} */
  const bars = [];
  /** @type {Map<string, Bar>} */
  const open = new Map();
  /** @type {Bar | undefined} */
  let requested;
  /** @type {Bar | undefined} */
  let running;

  /** @type {(label: string, kind: Bar["kind"], at: number) => Bar} */
  const begun = (label, kind, at) => {
    const bar = { label, kind, from: at, to: end, marks: [] };
    bars.push(bar);
    return bar;
  };

  for (const row of rows) {
    if (row.kind === "hold") {
      if (isSeen(row)) begun(`${row.what} held`, "hold", row.at).to = row.until ?? end;
      continue;
    }
    const { type, leg, way, at, messages: [message] } = row;
    const name = `${leg} ${way} ${type}`;
    if (name === "upstream in input_audio_buffer.speech_started") open.set("speech", begun("speech", "speech", at));
    if (name === "upstream in input_audio_buffer.speech_stopped") ended(open, "speech", at);
    if (name === "upstream out response.create") requested = begun("response", "response", at);
    if (name === "upstream in response.created") {
      running = requested ?? begun("unasked response", "response", at);
      requested = undefined;
      running.marks.push({ name: "created", at });
      open.set(message.response.id, running);
    }
    if (name === "upstream in response.done") ended(open, message.response.id, at);
    if (name === "upstream in error" && requested) {
      requested.to = at;
      requested.label = "refused";
      requested = undefined;
    }
    if (running && leg === "upstream" && way === "in" && message.response_id) first(running, "first byte", at);
    if (running && name === "client out AgentStartedSpeaking") first(running, "first audio", at);
    if (name === "client out FunctionCallRequest") {
      for (const call of message.functions) open.set(call.id, begun(call.name, "call", at));
    }
    if (type === "FunctionCallResponse") ended(open, message.id, at);
  }
  return bars;
}

/**
 * @param {Map<string, Bar>} open
 * @param {string} key
 * @param {number} at
 */
function ended(open, key, at) {
  const bar = open.get(key);
  if (bar) bar.to = at;
  open.delete(key);
}

/**
 * @param {Bar} bar
 * @param {string} name
 * @param {number} at
 */
function first(bar, name, at) {
  if (!bar.marks.some((mark) => mark.name === name)) bar.marks.push({ name, at });
}
