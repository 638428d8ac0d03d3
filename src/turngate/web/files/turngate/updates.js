import { same } from "./same.js";

/** @typedef {"think" | "speak" | "listen"} Block a block of `Settings.agent` that can be replaced */

const MESSAGES = {
  think: ["UpdateThink", "ThinkUpdated"],
  speak: ["UpdateSpeak", "SpeakUpdated"],
  listen: ["UpdateListen", "ListenUpdated"],
};
const PROMPT = ["UpdatePrompt", "PromptUpdated"];

/**
 * The settings in force, and the changes to them that are not confirmed.
 *
 * A value that is in force already sends nothing. What was changed goes into the next `Settings` too,
 * so that a connection that was lost comes back as it was.
 */
export class Updates {
  /** @type {{ confirmation: string, settle: (error?: Error) => void }[]} */
  #pending = [];

  /**
   * @param {object} agent the `agent` block of `Settings`
   * @param {(message: object) => void} send
   */
  constructor(agent, send) {
    /** @type {any} */
    this.agent = structuredClone(agent);
    this.send = send;
  }

  /**
   * Replace a block. Resolves to whether anything was sent, once it is in force.
   *
   * @param {Block} block
   * @param {any} value
   * @returns {Promise<boolean>}
   */
  replace(block, value) {
    const before = this.agent[block];
    if (same(before, value)) return Promise.resolve(false);
    this.agent[block] = structuredClone(value);
    const [type, confirmation] = MESSAGES[block];
    return this.#await(confirmation, { type, [block]: value }, () => (this.agent[block] = before));
  }

  /**
   * Add to the prompt, as `UpdatePrompt` does; nothing is sent for what it already ends with.
   *
   * @param {string} text
   * @returns {Promise<boolean>}
   */
  addToPrompt(text) {
    const think = this.agent.think ?? {};
    const before = think.prompt ?? "";
    if (before === text || before.endsWith(`\n${text}`)) return Promise.resolve(false);
    this.agent.think = { ...think, prompt: before ? `${before}\n${text}` : text };
    const [type, confirmation] = PROMPT;
    return this.#await(confirmation, { type, prompt: text }, () => (this.agent.think = think));
  }

  /**
   * @param {string} confirmation
   * @param {object} message
   * @param {() => void} undo
   * @returns {Promise<boolean>}
   */
  #await(confirmation, message, undo) {
    this.send(message);
    return new Promise((resolve, reject) => {
      const settle = (/** @type {Error | undefined} */ error) => {
        if (error === undefined) {
          resolve(true);
        } else {
          undo();
          reject(error);
        }
      };
      this.#pending.push({ confirmation, settle });
    });
  }

  /** @param {string} type a confirmation; that of `Settings` confirms all that was pending */
  confirmed(type) {
    if (type === "SettingsApplied") {
      for (const { settle } of this.#pending.splice(0)) settle();
      return;
    }
    const at = this.#pending.findIndex(({ confirmation }) => confirmation === type);
    if (at >= 0) this.#pending.splice(at, 1)[0].settle();
  }

  /**
   * Take a refusal of settings; it names no message, and the oldest is the one that is answered.
   *
   * @param {Error} error
   */
  refused(error) {
    this.#pending.shift()?.settle(error);
  }
}
