import { made, part } from "./made.js";
import { rowsOf } from "./trace_rows.js";
import { turnsOf } from "./trace_turns.js";
import { sequence } from "./sequence.js";
import { duration, waterfall } from "./waterfall.js";

const MOST_TRACES = 5000;
/** So many turns of connections before are kept. */
const MOST_TURNS = 30;
const REDRAW_MS = 120;

const WAITING = "Here each turn will be drawn: its stages as a waterfall, and every message between client, turngate and upstream.";
const FULL = "This call has been long; the timeline shows its beginning.";
const NOT_ALLOWED =
  "This gateway tells nothing about its calls. Start it with serve --diagnostics to see each turn here, with what was held and why.";

/** The call's trace, turn by turn. */
export class Timeline {
  /** @type {import("./trace_rows.js").Trace[]} */
  #traces = [];
  /** @type {Map<number, { box: HTMLDetailsElement, rows: number }>} by the turn's place */
  #drawn = new Map();
  #timer = 0;

  onrehearse = () => {};

  constructor() {
    part("rehearse").addEventListener("change", () => this.onrehearse());
    part("minor").addEventListener("change", (event) => {
      part("turns").classList.toggle("all", /** @type {HTMLInputElement} */ (event.target).checked);
    });
    this.#tell(WAITING);
  }

  /** Whether the local upstream is to make it hard. */
  get rehearses() {
    return /** @type {HTMLInputElement} */ (part("rehearse")).checked;
  }

  /** @param {any} message of the server */
  told(message) {
    if (message.type === "Welcome") this.#begin();
    if (message.type === "SettingsApplied" && this.#traces.length === 0) this.#tell(NOT_ALLOWED);
    if (message.type !== "TurngateTrace") return;
    if (this.#traces.length === MOST_TRACES) this.#tell(FULL);
    if (this.#traces.length >= MOST_TRACES) return;
    this.#traces.push(message);
    this.#timer ||= window.setTimeout(() => this.#draw(), REDRAW_MS);
  }

  clear() {
    this.#begin();
    part("turns").replaceChildren();
    this.close();
    this.#tell(WAITING);
  }

  /** Another connection begins: its turns are drawn below those of the one before. */
  #begin() {
    this.#traces = [];
    for (const { box } of this.#drawn.values()) box.open = false;
    this.#drawn.clear();
    const boxes = part("turns").children;
    while (boxes.length > MOST_TURNS) boxes[0].remove();
  }

  /** @param {string} text */
  #tell(text) {
    part("untraced").textContent = text;
    part("untraced").hidden = text === "";
  }

  #draw() {
    this.#timer = 0;
    if (this.#traces.length === 0) return;
    this.#tell("");
    const turns = turnsOf(rowsOf(this.#traces));
    for (const [place, turn] of turns.entries()) this.#drawTurn(place, turn, place === turns.length - 1);
  }

  /**
   * @param {number} place
   * @param {import("./trace_turns.js").Turn} turn
   * @param {boolean} isLast
   */
  #drawTurn(place, turn, isLast) {
    const size = turn.rows.reduce((sum, row) => sum + (row.kind === "passage" ? row.messages.length : 1), 0);
    const known = this.#drawn.get(place);
    if (known && known.rows === size && !isLast) return;
    const box = known?.box ?? made("details", { className: "turn" });
    if (known === undefined) {
      for (const { box: other } of this.#drawn.values()) other.open = false;
      box.open = true;
      part("turns").append(box);
    }
    const isNew = known === undefined && place > 0;
    this.#drawn.set(place, { box, rows: size });
    const focused = focusedAt(box);
    box.replaceChildren(summary(turn), waterfall(turn), sequence(turn, (row) => this.#read(row)));
    if (focused >= 0) /** @type {HTMLElement | undefined} */ (focusables(box)[focused])?.focus();
    if (isNew) this.#scrollTo(box);
  }

  /**
   * Bring a turn that begins to the top, so that its waterfall stays in sight while it grows.
   *
   * @param {HTMLElement} box
   */
  #scrollTo(box) {
    const scroll = part("timeline");
    const height = scroll.clientHeight;
    part("turns").style.paddingBottom = `${height}px`;
    scroll.scrollTop = box.offsetTop - scroll.offsetTop;
  }

  /** @param {import("./trace_rows.js").Passage} row */
  #read({ type, leg, way, at, messages }) {
    const close = made("button", { type: "button" }, "Close");
    const reader = part("reader");
    close.onclick = () => this.close();
    const path = way === "in" ? `${leg} → turngate` : `turngate → ${leg}`;
    reader.replaceChildren(
      made("header", {}, made("h3", {}, type), made("p", {}, `${path}, at ${duration(at)}`), close),
      made("pre", { tabindex: 0 }, messages.map((message) => JSON.stringify(message, null, 2)).join("\n")),
    );
    reader.hidden = false;
  }

  /** Put the message away that is being read. */
  close() {
    part("reader").hidden = true;
  }
}

/** @param {import("./trace_turns.js").Turn} turn */
function summary({ title, asked, heard, rows }) {
  const held = rows.filter((row) => row.kind === "hold").length;
  return made(
    "summary",
    {},
    made("span", { className: "title" }, title),
    asked !== undefined && heard !== undefined
      ? made("span", { className: "figure-of" }, `first audio after ${duration(heard - asked)}`)
      : undefined,
    held > 0 ? made("span", { className: "tag" }, `${held} held`) : undefined,
  );
}

/** @param {HTMLElement} box */
function focusables(box) {
  return [...box.querySelectorAll("summary, button")];
}

/** @param {HTMLElement} box */
function focusedAt(box) {
  return document.activeElement ? focusables(box).indexOf(document.activeElement) : -1;
}
