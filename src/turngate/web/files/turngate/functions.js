/**
 * A function that the model may call and this page runs.
 *
 * @typedef {object} PageFunction
 * @property {string} description what it does, for the model
 * @property {object} parameters its arguments as a JSON schema
 * @property {(args: any, signal: AbortSignal) => unknown} run its result, or a promise of it; `signal`
 *   aborts when the model does not want it any more. What it throws becomes `{"error": ...}`.
 */

/** The page's functions and the calls that run. Each call is answered once, or not at all. */
export class Functions {
  /** @type {Map<string, AbortController>} */
  #running = new Map();

  /** @param {Record<string, PageFunction>} table by name */
  constructor(table) {
    this.table = table;
  }

  /** As `Settings` declare them. */
  get declared() {
    return Object.entries(this.table).map(([name, { description, parameters }]) => ({
      name,
      description,
      parameters,
    }));
  }

  /**
   * Run a call to its end.
   *
   * @param {{ id: string, name: string, arguments: string }} call
   * @returns {Promise<string | undefined>} what the model is told; undefined if nobody waits for it
   */
  async answer(call) {
    const aborts = new AbortController();
    this.#running.set(call.id, aborts);
    const content = await this.#content(call, aborts.signal);
    this.#running.delete(call.id);
    return aborts.signal.aborted ? undefined : content;
  }

  /** @param {string} id */
  cancel(id) {
    this.#running.get(id)?.abort();
  }

  /** Forget every call: the connection that they came on is gone. */
  cancelAll() {
    for (const aborts of this.#running.values()) aborts.abort();
  }

  /**
   * @param {{ name: string, arguments: string }} call
   * @param {AbortSignal} signal
   */
  async #content({ name, arguments: text }, signal) {
    try {
      const chosen = Object.hasOwn(this.table, name) ? this.table[name] : undefined;
      if (chosen === undefined) throw new Error(`there is no function ${name}`);
      const result = await chosen.run(JSON.parse(text || "{}"), signal);
      return typeof result === "string" ? result : JSON.stringify(result ?? null);
    } catch (error) {
      return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
