import { RATE_HZ } from "./sound.js";

const FORMAT = { encoding: "linear16", sample_rate: RATE_HZ };

/**
 * Return the `Settings` of a connection: the audio that this module speaks, and the conversation so far
 * or, where there was none, the greeting.
 *
 * @param {any} agent the `agent` block
 * @param {object[]} functions that the page runs
 * @param {object[]} messages of the conversation so far
 */
export function settingsOf({ greeting, think, ...agent }, functions, messages) {
  const past = messages.length > 0 ? { context: { messages } } : { greeting };
  return {
    type: "Settings",
    audio: { input: FORMAT, output: { ...FORMAT, container: "none" } },
    agent: { ...agent, think: thinkOf(think, functions), ...past },
  };
}

/**
 * Return the block `think` with the functions that the page runs beside its own.
 *
 * @param {any} think
 * @param {object[]} functions
 */
export function thinkOf(think, functions) {
  const all = [...(think?.functions ?? []), ...functions];
  return all.length > 0 ? { ...think, functions: all } : think;
}
