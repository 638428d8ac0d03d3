import { Conversation } from "./conversation.js";
import { on } from "./events.js";
import { Functions } from "./functions.js";
import { Speaker } from "./speaker.js";

/** @typedef {"listening" | "hearing" | "thinking" | "speaking"} Mode what the agent does, as it is heard here */

/**
 * The turn, as the server tells it and as it sounds here: who has the floor, what is played, what was
 * said and called. Everything but the connection.
 *
 * Events: `mode` (detail: the mode), and `answer` (detail: a message that the server is owed).
 */
export class Dialogue extends EventTarget {
  /** @type {Mode} */
  mode = "listening";
  /** Whether the agent's turn is under way: more may come after what is heard now. */
  #goesOn = false;

  /** @param {Record<string, import("./functions.js").PageFunction>} functions */
  constructor(functions) {
    super();
    this.speaker = new Speaker();
    this.conversation = new Conversation();
    this.functions = new Functions(functions);
    on(this.speaker, "end", () => this.mode === "speaking" && this.#enter(this.#goesOn ? "thinking" : "listening"));
  }

  /** The user has typed something. */
  typed() {
    if (this.mode === "listening") this.#enter("thinking");
  }

  /**
   * Drop what is still to be heard, and note how much was.
   *
   * @param {"speech" | "page"} by
   */
  cut(by) {
    const wasPlaying = this.speaker.isPlaying;
    const heardMs = this.speaker.flush();
    if (wasPlaying) this.conversation.cutAt(heardMs, by);
  }

  /** Nothing more comes of what was under way: its connection is gone, or it failed. */
  broken() {
    this.functions.cancelAll();
    this.failed();
  }

  failed() {
    this.#goesOn = false;
    if (!this.speaker.isPlaying) this.#enter("listening");
  }

  /** @param {ArrayBuffer} pcm s16le mono, 24 kHz */
  sounds(pcm) {
    this.speaker.push(pcm);
    if (this.mode === "thinking") this.#enter("speaking");
  }

  /** @param {any} message of the server */
  told(message) {
    switch (message.type) {
      case "UserStartedSpeaking":
        this.cut("speech");
        this.#goesOn = false;
        this.#enter("hearing");
        break;
      case "ConversationText":
        this.#said(message);
        break;
      case "History":
        if (message.role === "assistant") this.conversation.agentHeard(message.content);
        break;
      case "AgentThinking":
        this.#enter("thinking");
        break;
      case "AgentStartedSpeaking":
        this.conversation.agentStarted();
        this.#goesOn = true;
        this.#enter("speaking");
        break;
      case "AgentAudioDone":
        this.failed();
        break;
      case "FunctionCallRequest":
        if (!this.speaker.isPlaying) this.#enter("thinking");
        for (const call of message.functions) void this.#called(call);
        break;
      case "FunctionCallCancelled":
        for (const { id } of message.functions) this.#withdrawn(id);
        break;
      case "FunctionCallResponse":
        this.conversation.returned(message.id, { response: message.content });
        break;
    }
  }

  /** @param {{ role: "user" | "assistant", content: string }} line */
  #said({ role, content }) {
    if (role === "assistant") {
      this.conversation.agentSaid(content, this.speaker.playedMs);
      return;
    }
    this.conversation.userSaid(content);
    if (this.mode === "hearing" || this.mode === "listening") this.#enter("thinking");
  }

  /** @param {{ id: string, name: string, arguments: string, client_side: boolean }} call */
  async #called(call) {
    this.conversation.called(call);
    if (!call.client_side) return;
    const content = await this.functions.answer(call);
    if (content === undefined) return;
    this.conversation.returned(call.id, { response: content });
    const answer = { type: "FunctionCallResponse", id: call.id, name: call.name, content };
    this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
  }

  /** @param {string} id */
  #withdrawn(id) {
    this.functions.cancel(id);
    this.conversation.returned(id, { isCancelled: true });
  }

  /** @param {Mode} mode */
  #enter(mode) {
    if (this.mode === mode) return;
    this.mode = mode;
    this.dispatchEvent(new CustomEvent("mode", { detail: mode }));
  }
}
