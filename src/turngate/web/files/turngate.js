/**
 * A voice conversation over the Deepgram Voice Agent protocol, for any page: connection, microphone,
 * playback, functions, and a conversation that outlives its connection.
 *
 *     import { Client } from "/static/turngate.js";
 *     const client = new Client({ agent: { think: { provider: { type: "open_ai", model: "gpt-realtime" } } } });
 *     button.onclick = async () => {
 *       await client.connect();
 *       await client.microphone.start();
 *     };
 */

import { Connection } from "./turngate/connection.js";
import { Dialogue } from "./turngate/dialogue.js";
import { on } from "./turngate/events.js";
import { Microphone } from "./turngate/microphone.js";
import { settingsOf, thinkOf } from "./turngate/settings.js";
import { Updates } from "./turngate/updates.js";

export { on } from "./turngate/events.js";
export { MicrophoneError } from "./turngate/microphone.js";

/** What the same settings would meet again, so that there is no sense in coming back. */
const REFUSALS = new Set(["INVALID_SETTINGS", "UNPARSABLE_CLIENT_MESSAGE"]);

/** What the server said went wrong: `code` is for programs, the message for people. */
export class AgentError extends Error {
  /** @param {{ code: string, description: string }} told */
  constructor({ code, description }) {
    super(description);
    this.name = "AgentError";
    this.code = code;
  }
}

/**
 * @typedef {"closed" | "connecting" | "open" | "lost"} State of the connection; `open` once the settings
 *   are in force, `lost` while it tries to come back
 * @typedef {object} Options
 * @property {object} agent the `agent` block of `Settings`
 * @property {string | URL} [url] the agent front; by default this page's own host
 * @property {string} [key] what the server asks of its clients
 * @property {Record<string, import("./turngate/functions.js").PageFunction>} [functions]
 * @property {boolean} [reconnects] whether a lost connection is opened again; by default, yes
 */

/**
 * One conversation. Events, each a CustomEvent with this detail:
 *
 * - `state`: `{ state, reason }`, of the connection
 * - `mode`: the mode of `dialogue.js`
 * - `message`: each message of the server, parsed
 * - `warning`, `error`: an `AgentError`
 *
 * What is said and called is told by `conversation`, levels by `microphone` and `speaker`.
 */
export class Client extends EventTarget {
  /** @type {State} */
  state = "closed";
  #isConfigured = false;
  /** @type {AgentError | undefined} */
  #lastError;

  /** @param {Options} options */
  constructor({ agent, url = ownFront(), key = "", functions = {}, reconnects = true }) {
    super();
    this.microphone = new Microphone();
    this.connection = new Connection(url, { key, reconnects });
    this.updates = new Updates(agent, (message) => this.#send(message));
    this.dialogue = new Dialogue(functions);
    const { connection, dialogue, microphone } = this;
    on(connection, "open", () => this.#configure());
    on(connection, "text", (message) => this.#told(message));
    on(connection, "audio", (pcm) => dialogue.sounds(pcm));
    on(connection, "lost", ({ reason }) => this.#lost("lost", reason));
    on(connection, "end", ({ reason }) => this.#lost("closed", reason));
    on(microphone, "frame", (pcm) => this.#isConfigured && connection.sendAudio(pcm));
    on(dialogue, "mode", (mode) => this.#emit("mode", mode));
    on(dialogue, "answer", (message) => this.#send(message));
  }

  /** What was said and called so far. */
  get conversation() {
    return this.dialogue.conversation;
  }

  get speaker() {
    return this.dialogue.speaker;
  }

  /** What the agent does, as it is heard here. */
  get mode() {
    return this.dialogue.mode;
  }

  /** Connect; resolves once the settings are in force. Rejects with what the server said, or a loss. */
  connect() {
    if (this.state === "open") return Promise.resolve();
    if (this.state === "closed") {
      this.#become("connecting", "");
      this.connection.open();
    }
    return this.#settled();
  }

  /** Connect anew, with the conversation so far: for settings that only a new session takes. */
  reconnect() {
    this.dialogue.cut("page");
    this.#lost("connecting", "");
    this.connection.reopen();
    return this.#settled();
  }

  /** End the conversation's connection. What was said stays in `conversation`. */
  close() {
    this.microphone.stop();
    this.dialogue.cut("page");
    this.connection.close();
  }

  /**
   * Say something in writing.
   *
   * @param {string} text
   * @throws {Error} without a connection: it would be lost
   */
  say(text) {
    if (!this.connection.isOpen) throw new Error("Not connected.");
    void this.speaker.resume();
    this.#send({ type: "InjectUserMessage", content: text });
    this.dialogue.typed();
  }

  /** Have the agent fall silent here. It is not told; the user's speech would tell it. */
  hush() {
    this.dialogue.cut("page");
  }

  /**
   * Replace the block `think`: model, prompt, functions. Resolves to whether anything was sent.
   *
   * @param {object} think
   */
  updateThink(think) {
    return this.updates.replace("think", think);
  }

  /** @param {object} speak */
  updateSpeak(speak) {
    return this.updates.replace("speak", speak);
  }

  /** @param {object} listen */
  updateListen(listen) {
    return this.updates.replace("listen", listen);
  }

  /** @param {string} text what is added to the prompt, on a line of its own */
  updatePrompt(text) {
    return this.updates.addToPrompt(text);
  }

  #configure() {
    const { declared } = this.dialogue.functions;
    this.connection.sendText(settingsOf(this.updates.agent, declared, this.conversation.context));
  }

  /** @param {any} message */
  #send(message) {
    const { think } = message;
    const { declared } = this.dialogue.functions;
    this.connection.sendText(think ? { ...message, think: thinkOf(think, declared) } : message);
  }

  /** @returns {Promise<void>} */
  #settled() {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.state !== "open" && this.state !== "closed") return;
        this.removeEventListener("state", look);
        if (this.state === "open") resolve();
        else reject(this.#lastError ?? new Error("The connection was closed."));
      };
      this.addEventListener("state", look);
    });
  }

  /** @param {any} message */
  #told(message) {
    if (message.type === "SettingsApplied") {
      this.#isConfigured = true;
      this.#lastError = undefined;
      this.connection.settled();
      this.#become("open", "");
    }
    this.updates.confirmed(message.type);
    this.dialogue.told(message);
    if (message.type === "Error") this.#failed(new AgentError(message));
    if (message.type === "Warning") this.#emit("warning", new AgentError(message));
    this.#emit("message", message);
  }

  /** @param {AgentError} error */
  #failed(error) {
    this.#lastError = error;
    this.updates.refused(error);
    this.dialogue.failed();
    this.#emit("error", error);
    if (!this.#isConfigured && REFUSALS.has(error.code)) this.connection.close();
  }

  /**
   * @param {State} state
   * @param {string} reason
   */
  #lost(state, reason) {
    this.#isConfigured = false;
    this.dialogue.broken();
    this.#become(state, this.#lastError?.message ?? reason);
  }

  /**
   * @param {State} state
   * @param {string} reason
   */
  #become(state, reason) {
    this.state = state;
    this.#emit("state", { state, reason });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function ownFront() {
  const url = new URL("../v1/agent/converse", import.meta.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}
