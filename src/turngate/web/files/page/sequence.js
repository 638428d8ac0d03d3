import { made } from "./made.js";
import { reasonOf } from "./trace_rows.js";
import { duration } from "./waterfall.js";

/** A pause between two messages that is worth a remark. */
const PAUSE_MS = 100;
/** What passes without changing the turn, and is drawn with less ink. */
const MINOR =
  /^(History|KeepAlive|LatencyReport|rate_limits\.|conversation\.item\.(added|done|input)|response\.(content_part|output_|function_call_arguments))/;

/**
 * Draw the messages of a turn as arrows between client, turngate and upstream, in order.
 *
 * @param {import("./trace_turns.js").Turn} turn
 * @param {(row: import("./trace_rows.js").Passage) => void} read called with what is clicked
 */
export function sequence(turn, read) {
  const list = made("ol", { className: "sequence" });
  let [before, beforeMajor] = [turn.at, turn.at];
  const last = turn.rows.at(-1)?.at ?? turn.at;
  for (const row of turn.rows) {
    const item = row.kind === "hold" ? held(row, last) : arrow(row, turn.at, read);
    const isMinor = item.classList.contains("minor");
    // Which pauses there are depends on which messages are shown.
    const items = [pause(row.at - before, "every"), isMinor ? undefined : pause(row.at - beforeMajor, "brief"), item];
    before = row.at;
    if (!isMinor) beforeMajor = row.at;
    for (const each of items) {
      if (each === undefined) continue;
      each.dataset.slot = row.slot;
      each.classList.toggle("holding", row.holds === true);
      list.append(each);
    }
  }
  const lanes = made("div", { className: "lanes", "aria-hidden": true });
  for (const name of ["client", "turngate", "upstream"]) lanes.append(made("span", { className: name }, name));
  const figure = made("div", { className: "figure" });
  figure.append(lanes, list, key());
  return figure;
}

/** What the fillings of turngate's life line mean. */
function key() {
  const meanings = { idle: "nothing active", requested: "asked, or changing", active: "a response is active", held: "something is held" };
  return made(
    "p",
    { className: "key", "aria-hidden": true },
    ...Object.entries(meanings).map(([name, words]) =>
      made("span", {}, made("span", { className: "sample", "data-slot": name }), words),
    ),
  );
}

/**
 * @param {import("./trace_rows.js").Passage} row
 * @param {number} from
 * @param {(row: import("./trace_rows.js").Passage) => void} read
 */
function arrow(row, from, read) {
  const { leg, way, type, messages, at, released } = row;
  const isRefusal = type === "error" || type === "Error";
  const button = made(
    "button",
    { type: "button", className: "arrow", "aria-label": inWords(row, from) },
    made("span", { className: "type" }, messages.length > 1 ? `${messages.length} × ` : "", type),
    made("span", { className: "shaft" }),
  );
  button.onclick = () => read(row);
  const item = made("li", { className: "passage", "data-leg": leg, "data-way": way });
  if (MINOR.test(type)) item.classList.add("minor");
  if (isRefusal) item.classList.add("refusal");
  item.append(made("time", {}, `${at - from}`), button);
  if (released) item.append(made("span", { className: "released" }, releasedWords(released)));
  return item;
}

/** @param {import("./trace_rows.js").Hold} hold */
function releasedWords({ at, until = at, tries }) {
  if (tries > 0) return `sent again after ${duration(until - at)}`;
  return `held ${duration(until - at)}`;
}

/**
 * @param {import("./trace_rows.js").Hold} hold
 * @param {number} now
 */
function held(hold, now) {
  const again = hold.tries > 0 ? "refused, kept to be sent again: " : "held: ";
  const what = { request: "response.create", update: "session.update" }[hold.what] ?? hold.of.join(", ");
  const note = made("p", {}, made("span", { className: "what" }, what), ` ${again}${reasonOf(hold, now)}`);
  return made("li", { className: "held" }, note);
}

/**
 * @param {number} ms
 * @param {"every" | "brief"} where it is shown: among all messages, or among those that matter
 */
function pause(ms, where) {
  if (ms < PAUSE_MS) return undefined;
  return made("li", { className: `pause ${where}` }, made("span", {}, `+${duration(ms)}`));
}

/**
 * @param {import("./trace_rows.js").Passage} row
 * @param {number} from
 */
function inWords({ leg, way, type, messages, at, released }, from) {
  const names = way === "in" ? [leg, "turngate"] : ["turngate", leg];
  const times = messages.length > 1 ? `, ${messages.length} times` : "";
  const note = released ? `, ${releasedWords(released)}` : "";
  return `${type}${times}, from ${names[0]} to ${names[1]} at ${duration(at - from)}${note}`;
}
