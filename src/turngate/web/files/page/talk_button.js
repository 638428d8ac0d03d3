import { part } from "./made.js";

/**
 * The microphone's button and the space bar: on and off, or talk while it is held.
 *
 * @param {import("../turngate/microphone.js").Microphone} microphone
 * @param {{ manner: () => string, listen: () => Promise<boolean>, changed: () => void }} around `listen` turns it
 *   on, and says whether it did
 */
export function talkButton(microphone, { manner, listen, changed }) {
  const button = part("microphone");
  const isPush = () => manner() === "push";
  let isHeld = false;

  const show = () => {
    const isOn = microphone.isOn && microphone.isOpen;
    button.setAttribute("aria-pressed", String(isOn));
    button.title = isPush() ? "Hold to talk" : isOn ? "Stop listening" : "Listen";
    const keys = isPush() ? "Hold the button or the space bar to talk. " : "";
    part("keys").textContent = `${keys}Esc silences the answer.`;
    changed();
  };
  const start = async () => {
    microphone.isOpen = !isPush() || isHeld;
    if (!(await listen())) stop();
    show();
  };
  const stop = () => {
    microphone.stop();
    show();
  };
  /** @param {boolean} holds */
  const hold = (holds) => {
    if (holds === isHeld) return;
    isHeld = holds;
    microphone.isOpen = holds;
    if (holds && !microphone.isOn) void start();
    else show();
  };
  const isSpace = (/** @type {KeyboardEvent} */ { code, target }) =>
    code === "Space" && isPush() && (target === document.body || target === button);

  button.onclick = () => {
    if (isPush()) return;
    if (microphone.isOn) stop();
    else void start();
  };
  button.onpointerdown = () => isPush() && hold(true);
  window.addEventListener("pointerup", () => isPush() && hold(false));
  window.addEventListener("blur", () => isPush() && hold(false));
  document.addEventListener("keydown", (event) => {
    if (!isSpace(event)) return;
    event.preventDefault();
    hold(true);
  });
  document.addEventListener("keyup", (event) => isSpace(event) && hold(false));
  show();
  return { start, stop, show };
}
