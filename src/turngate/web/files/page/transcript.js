import { card } from "./card.js";
import { made, part } from "./made.js";

/** Shows the conversation, line by line, and keeps the newest in sight while one reads along. */
export class Transcript {
  /** @type {Map<number, HTMLElement>} */
  #shown = new Map();
  #log = part("log");
  #scroll = part("scroll");

  /** @param {import("../turngate/conversation.js").Line} line added or changed */
  show(line) {
    part("welcome").hidden = true;
    const item = made("li", {}, line.kind === "called" ? card(line) : said(line));
    item.className = line.kind === "called" ? "called" : `line ${line.role}`;
    const before = this.#shown.get(line.id);
    this.#shown.set(line.id, item);
    const follows = this.#isAtEnd();
    if (before) before.replaceWith(item);
    else this.#log.append(item);
    if (follows) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** @param {string} text what happened between two lines */
  mark(text) {
    this.#log.append(made("li", { className: "mark" }, text));
  }

  clear() {
    this.#shown.clear();
    this.#log.replaceChildren();
    part("welcome").hidden = false;
  }

  #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < 120;
  }
}

/** @param {import("../turngate/conversation.js").Said} line */
function said({ role, text, heard }) {
  const who = made("span", { className: "who" }, role === "user" ? "You" : "Agent");
  const words = made("p");
  if (heard === undefined) {
    words.append(text);
  } else {
    const note = heard > 0 ? "cut off here" : "not heard";
    words.append(
      text.slice(0, heard),
      made("del", {}, text.slice(heard)),
      made("span", { className: "tag" }, note),
    );
  }
  const body = document.createDocumentFragment();
  body.append(who, words);
  return body;
}
