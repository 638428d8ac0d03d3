/** The page: one client, and what shows it. */

import { Client, MicrophoneError, on } from "../turngate.js";
import { FUNCTIONS, HINTS } from "./demo_functions.js";
import { made, part } from "./made.js";
import { keepLines, keptLines, keptPreferences } from "./memory.js";
import { Mood } from "./mood.js";
import { dismiss, microphoneNotice, notice } from "./notices.js";
import { agentOf, preferences } from "./preferences.js";
import { talkButton } from "./talk_button.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

let chosen = keptPreferences();
/** The upstream, as it is shown beside the state of the connection. */
let behind = "";
const timeline = new Timeline();
const transcript = new Transcript();
const mood = new Mood();
const client = new Client({ agent: agentOf(chosen), url: address(), key: chosen.key, functions: FUNCTIONS });
const { conversation, microphone, speaker } = client;

/** The agent front, with what this page asks of the call itself. */
function address() {
  const url = new URL("v1/agent/converse?trace", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (timeline.rehearses) url.searchParams.set("rehearse", "");
  return url;
}

// -- what the client tells

on(client, "state", ({ state, reason }) => {
  const words = { closed: "not connected", connecting: "connecting", open: `connected${behind}`, lost: "connection lost" };
  part("connection").textContent = words[state];
  part("connection").dataset.state = state;
  if (state === "open") dismiss();
  if (state === "lost") void tellOfLoss(reason);
  showMood();
});
on(client, "mode", showMood);
on(client, "error", ({ message, code }) => notice("Something went wrong:", `${message} (${code})`));
on(client, "warning", ({ message, code }) => notice("The gateway says:", `${message} (${code})`));
on(client, "message", (message) => timeline.told(message));
on(conversation, "line", (line) => {
  transcript.show(line);
  keepLines(conversation.lines);
});
on(microphone, "level", (level) => client.mode !== "speaking" && mood.hear(level));
on(speaker, "level", (level) => mood.hear(level));

function showMood() {
  if (client.state === "connecting" || client.state === "lost") mood.show("connecting");
  else if (client.state === "closed") mood.show("off");
  else if (client.mode === "listening" && !(microphone.isOn && microphone.isOpen)) mood.show("waiting");
  else mood.show(client.mode);
}

// -- what the user does

/** @param {string} reason of the loss, where one was told */
async function tellOfLoss(reason) {
  const again = { label: "Try now", act: () => client.connection.reopen() };
  const health = await healthOf();
  if (client.state !== "lost") return;
  if (health === undefined) {
    notice("The gateway is gone.", "The page keeps the conversation and tries again by itself.", again);
  } else if (reason) {
    notice("The connection was lost.", `${reason}. The page tries again by itself.`, again);
  } else {
    notice("The gateway does not let this page in.", "If it asks for a key, put it into the settings.", again);
  }
}

/** Connect if need be; false if that failed, which is shown then. */
async function connected() {
  void speaker.resume();
  try {
    await client.connect();
    return true;
  } catch (error) {
    await explain(error);
    return false;
  }
}

/** @param {unknown} error */
async function explain(error) {
  const text = error instanceof Error ? error.message : String(error);
  notice("Not connected.", text, { label: "Try again", act: () => void connected() });
}

/** @param {string} text */
async function say(text) {
  if (text && (await connected())) client.say(text);
}

async function listen() {
  try {
    await microphone.start({ echoCancellation: chosen.echo });
  } catch (error) {
    if (error instanceof MicrophoneError) microphoneNotice(error, () => void talk.start());
    else throw error;
    return false;
  }
  return connected();
}

const talk = talkButton(microphone, { manner: () => chosen.manner, listen, changed: showMood });
on(microphone, "lost", () => {
  talk.show();
  notice("The microphone is gone.", "It was unplugged or taken back.", { label: "Try again", act: () => void talk.start() });
});

part("composer").onsubmit = (event) => {
  event.preventDefault();
  const line = /** @type {HTMLInputElement} */ (part("line"));
  void say(line.value.trim());
  line.value = "";
};

part("hints").append(
  ...HINTS.map((hint) => {
    const button = made("button", { type: "button" }, hint);
    button.onclick = () => void say(hint);
    return made("li", {}, button);
  }),
);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (part("settings").hasAttribute("open")) return;
  if (key === "Escape") {
    client.hush();
    timeline.close();
  }
  if (key === "/" && !(/** @type {HTMLElement} */ (target).matches("input:not([type=checkbox])"))) {
    event.preventDefault(); // else the field would begin with it
    part("line").focus();
  }
});

part("anew").onclick = () => {
  talk.stop();
  client.close();
  conversation.clear();
  keepLines([]);
  transcript.clear();
  timeline.clear();
  dismiss();
};

timeline.onrehearse = () => {
  client.connection.url = address();
  if (client.state === "open") void client.reconnect();
};

preferences(chosen, (now) => {
  const before = chosen;
  chosen = now;
  if (now.manner !== before.manner || now.echo !== before.echo) talk.stop();
  talk.show();
  void settle(before, now);
});

/**
 * Bring new preferences into force with what they need: nothing, an update, or another session.
 *
 * @param {import("./memory.js").Preferences} before
 * @param {import("./memory.js").Preferences} now
 */
async function settle(before, now) {
  const agent = agentOf(now);
  client.connection.protocols = now.key ? ["token", now.key] : [];
  if (client.state !== "open" || now.voice !== before.voice || now.key !== before.key) {
    client.updates.agent = agent;
    if (client.state !== "closed") await client.reconnect().catch(explain);
    return;
  }
  client.updates.agent.greeting = agent.greeting;
  await client.updateThink(agent.think).catch(explain);
}

/** @returns {Promise<{ upstream: string } | undefined>} undefined where the gateway does not answer */
function healthOf() {
  return fetch("health")
    .then((answer) => answer.json())
    .catch(() => undefined);
}

/** Say what is behind the gateway, if it is there; without an answer nothing is said. */
async function introduce() {
  const health = await healthOf();
  const isLocal = health?.upstream === "local";
  if (health?.upstream) behind = ` to ${health.upstream}`;
  part("local").hidden = part("rehearsal").hidden = !isLocal;
}

void introduce();
conversation.restore(keptLines());
if (conversation.lines.length > 0) transcript.mark("from before; the agent will know of it");
showMood();
