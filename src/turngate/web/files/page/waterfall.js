import { made } from "./made.js";
import { barsOf } from "./trace_turns.js";

const STEPS_MS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000];
const MOST_TICKS = 6;
const NAMES = { created: "announced", "first byte": "first byte", "first audio": "first audio" };

/**
 * Draw a turn as bars over time, on the gateway's clock.
 *
 * @param {import("./trace_turns.js").Turn} turn
 */
export function waterfall(turn) {
  const bars = barsOf(turn);
  const from = turn.at;
  const to = Math.max(from + 10, ...bars.map((bar) => bar.to));
  const place = (/** @type {number} */ at) => ((at - from) / (to - from)) * 100;
  const figure = made("div", { className: "waterfall", role: "img", "aria-label": inWords(turn, bars) });
  if (bars.length === 0) return figure;
  figure.append(axis(to - from));
  for (const bar of bars) {
    const length = made("span", { className: "length" }, duration(bar.to - bar.from));
    figure.append(made("span", { className: "label" }, bar.label), track(bar, place), length);
  }
  if (bars.some(({ kind }) => kind === "response")) figure.append(legend());
  return figure;
}

function legend() {
  const stages = Object.entries({ asked: "asked", created: "announced", "first byte": "first byte", "first audio": "first audio to the end" });
  return made(
    "span",
    { className: "legend" },
    ...stages.map(([stage, words]) =>
      made("span", {}, made("span", { className: "bar response", "data-stage": stage }), words),
    ),
  );
}

/** @param {number} span ms */
function axis(span) {
  const step = STEPS_MS.find((each) => span / each <= MOST_TICKS) ?? 60_000;
  const track = made("span", { className: "axis" });
  for (let at = 0; at <= span; at += step) {
    const tick = made("span", {}, at >= 1000 ? `${at / 1000} s` : `${at} ms`);
    tick.style.left = `${(at / span) * 100}%`;
    if (at + step > span && at / span > 0.9) tick.className = "last";
    track.append(tick);
  }
  const row = document.createDocumentFragment();
  row.append(made("span", { className: "label" }), track, made("span", { className: "length" }));
  return row;
}

/**
 * @param {import("./trace_turns.js").Bar} bar
 * @param {(at: number) => number} place
 */
function track({ kind, from, to, marks }, place) {
  const row = made("span", { className: "track" });
  const edges = [{ name: "asked", at: from }, ...marks].sort((one, other) => one.at - other.at);
  for (const [i, { name, at }] of edges.entries()) {
    const end = edges[i + 1]?.at ?? Math.max(to, at);
    const part = made("span", { className: `bar ${kind}`, "data-stage": name });
    part.style.left = `${place(at)}%`;
    part.style.width = `max(3px, ${place(end) - place(at)}%)`;
    row.append(part);
  }
  return row;
}

/** @param {number} ms */
export function duration(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`;
}

/**
 * @param {import("./trace_turns.js").Turn} turn
 * @param {import("./trace_turns.js").Bar[]} bars
 */
function inWords({ at }, bars) {
  const said = bars.map((bar) => {
    const marks = bar.marks.map((mark) => `${NAMES[mark.name]} at ${duration(mark.at - at)}`);
    return [`${bar.label} from ${duration(bar.from - at)} to ${duration(bar.to - at)}`, ...marks].join(", ");
  });
  return `Waterfall. ${said.join(". ")}`;
}
