import { keepPreferences } from "./memory.js";
import { made, part } from "./made.js";

const VOICES = ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"];

/**
 * The settings' dialog.
 *
 * @param {import("./memory.js").Preferences} now
 * @param {(chosen: import("./memory.js").Preferences) => void} apply told of what changed, once it is kept
 */
export function preferences(now, apply) {
  const dialog = /** @type {HTMLDialogElement} */ (part("settings"));
  const form = /** @type {HTMLFormElement} */ (part("preferences"));
  const fields = /** @type {any} */ (form.elements);
  fields.voice.append(
    made("option", { value: "" }, "default"),
    ...VOICES.map((voice) => made("option", { value: voice }, voice)),
  );

  part("open-settings").onclick = () => {
    for (const name of ["prompt", "voice", "greeting", "manner", "key"]) fields[name].value = now[name];
    fields.echo.checked = now.echo;
    dialog.showModal();
  };
  part("dismiss").onclick = () => dialog.close();
  // Else the space bar, which talks, would open the settings again.
  dialog.onclose = () => part("microphone").focus();
  form.onsubmit = () => {
    const chosen = { ...now, echo: fields.echo.checked };
    for (const name of ["prompt", "voice", "greeting", "manner", "key"]) chosen[name] = fields[name].value.trim();
    now = chosen;
    keepPreferences(chosen);
    apply(chosen);
  };
}

/**
 * What the preferences mean as the `agent` block of `Settings`.
 *
 * @param {import("./memory.js").Preferences} preferences
 */
export function agentOf({ prompt, voice, greeting }) {
  return {
    think: { provider: { type: "open_ai" }, prompt }, // the operator chooses the model
    ...(voice && { speak: { provider: { type: "open_ai", voice } } }),
    ...(greeting && { greeting }),
  };
}
