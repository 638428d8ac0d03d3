import { made, part } from "./made.js";

/**
 * Say that something is wrong, and what can be done about it. One at a time: the newest.
 *
 * @param {string} title
 * @param {string} text
 * @param {{ label: string, act: () => void }} [way]
 */
export function notice(title, text, way) {
  const box = part("notice");
  const close = made("button", { type: "button", "aria-label": "Close this message" }, "Close");
  close.onclick = dismiss;
  box.replaceChildren(made("p", {}, made("strong", {}, `${title} `), text));
  if (way !== undefined) {
    const button = made("button", { type: "button" }, way.label);
    button.onclick = () => {
      dismiss();
      way.act();
    };
    box.append(button);
  }
  box.append(close);
  box.hidden = false;
}

export function dismiss() {
  part("notice").hidden = true;
}

/** @param {import("../turngate/microphone.js").MicrophoneError} error */
export function microphoneNotice({ reason, message }, again = () => {}) {
  const ways = {
    denied: "Allow it in the browser's site settings, beside the address, and try again. Typing works without.",
    missing: "Connect one and try again. Typing works without.",
    busy: "Close what else uses it, and try again.",
    insecure: "Open this page over https, or on localhost. Typing works without.",
  };
  notice(message, ways[reason] ?? "Typing works without.", { label: "Try again", act: again });
}
