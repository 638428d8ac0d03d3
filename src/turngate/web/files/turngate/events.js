/**
 * Listen to an event of this module's classes; the listener gets its detail.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @param {(detail: any) => void} listener
 */
export function on(target, type, listener) {
  target.addEventListener(type, (event) => {
    listener(event instanceof CustomEvent ? event.detail : undefined);
  });
}
