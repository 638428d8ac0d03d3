/**
 * What survives a reload: the conversation and the key in this tab, the preferences in this browser.
 * A browser that keeps nothing, as in private windows, only forgets.
 */

const CONVERSATION = "turngate.conversation";
const PREFERENCES = "turngate.preferences";
const KEY = "turngate.key";

const USUAL = {
  prompt: "You are a helpful voice assistant. Answer in one or two short sentences.",
  voice: "",
  greeting: "",
  manner: "open",
  echo: true,
};

/** @typedef {typeof USUAL & { key: string }} Preferences */

/** @returns {import("../turngate/conversation.js").Line[]} */
export function keptLines() {
  return read(sessionStorage, CONVERSATION) ?? [];
}

/** @param {import("../turngate/conversation.js").Line[]} lines */
export function keepLines(lines) {
  write(sessionStorage, CONVERSATION, lines);
}

/** @returns {Preferences} */
export function keptPreferences() {
  return { ...USUAL, ...read(localStorage, PREFERENCES), key: read(sessionStorage, KEY) ?? "" };
}

/** @param {Preferences} preferences */
export function keepPreferences({ key, ...preferences }) {
  write(localStorage, PREFERENCES, preferences);
  write(sessionStorage, KEY, key);
}

/**
 * @param {Storage} storage
 * @param {string} name
 */
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {Storage} storage
 * @param {string} name
 * @param {unknown} value
 */
function write(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    // it is full or forbidden, and then there is nothing to come back to
  }
}
