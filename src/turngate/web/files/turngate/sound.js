/** The page's audio context: one for what is heard and, where the browser can, for what is said. */

/** Both ways: s16le mono at this rate, so that nothing on the way resamples. */
export const RATE_HZ = 24000;

/** @type {AudioContext | undefined} */
let shared;

/**
 * Return the context that everything here plays through. It is silent until the page has been
 * clicked or typed in, which is the browser's rule; `resume` it from such a moment.
 */
export function soundContext() {
  shared ??= new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
  return shared;
}

/** @type {WeakMap<BaseAudioContext, Map<string, Promise<void>>>} */
const loaded = new WeakMap();

/**
 * Load a worklet beside this file into a context, once.
 *
 * @param {BaseAudioContext} context
 * @param {string} file
 */
export function withWorklet(context, file) {
  const known = loaded.get(context) ?? new Map();
  loaded.set(context, known);
  if (!known.has(file)) known.set(file, context.audioWorklet.addModule(new URL(file, import.meta.url)));
  return known.get(file);
}
