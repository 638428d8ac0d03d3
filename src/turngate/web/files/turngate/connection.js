const OPEN_MS = 10_000;
const KEEP_ALIVE_MS = 8_000;
/** Waits before each attempt in a row; the last one repeats. */
const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000];
const NORMAL = 1000;

/**
 * A WebSocket that comes back. It knows nothing of what is said on it.
 *
 * Events: `open`, `text` (detail: the parsed object), `audio` (detail: ArrayBuffer), `lost` (detail:
 * `{ code, reason, retryMs }`) before each new attempt, and `end` (detail: `{ code, reason }`) when there
 * will be none: `close()` was called, or the server closed with 1000, which means: do not come back.
 */
export class Connection extends EventTarget {
  /** @type {WebSocket | undefined} */
  #socket;
  #attempts = 0;
  #retry = 0;
  #isWanted = false;
  #keepAlive = 0;
  #sentAt = 0;

  /**
   * @param {string | URL} url
   * @param {{ key?: string, reconnects?: boolean }} options
   */
  constructor(url, { key = "", reconnects = true } = {}) {
    super();
    this.url = url;
    // Browsers cannot set headers; the scheme's word comes back as the chosen subprotocol.
    this.protocols = key ? ["token", key] : [];
    this.reconnects = reconnects;
  }

  /** Whether something can be sent. */
  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#retry);
    this.#isWanted = true;
    const socket = new WebSocket(this.url, this.protocols);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const deadline = setTimeout(() => socket.close(), OPEN_MS);
    socket.onopen = () => {
      clearTimeout(deadline);
      this.#keepAlive = setInterval(() => this.#showLife(), KEEP_ALIVE_MS / 2);
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => {
      clearTimeout(deadline);
      if (this.#socket === socket) this.#closed(code, reason);
    };
  }

  /** Say that the connection serves: the next loss begins with the shortest wait again. */
  settled() {
    this.#attempts = 0;
  }

  /** @param {object} message */
  sendText(message) {
    this.#send(JSON.stringify(message));
  }

  /** @param {ArrayBuffer} audio */
  sendAudio(audio) {
    this.#send(audio);
  }

  /** End it, and do not come back. */
  close() {
    clearTimeout(this.#retry);
    this.#drop()?.close(NORMAL);
    this.#ended(NORMAL, "");
  }

  /** End it, and come back at once: for other settings, or because the network has come back. */
  reopen() {
    this.#drop()?.close(NORMAL);
    this.#attempts = 0;
    this.open();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = undefined;
    clearInterval(this.#keepAlive);
    return socket;
  }

  /** @param {string | ArrayBuffer} data */
  #received(data) {
    if (typeof data !== "string") {
      this.dispatchEvent(new CustomEvent("audio", { detail: data }));
      return;
    }
    /** @type {unknown} */
    const message = JSON.parse(data);
    this.dispatchEvent(new CustomEvent("text", { detail: message }));
  }

  /** @param {string | ArrayBuffer} data */
  #send(data) {
    if (!this.isOpen) return;
    this.#sentAt = Date.now();
    this.#socket?.send(data);
  }

  #showLife() {
    if (Date.now() - this.#sentAt >= KEEP_ALIVE_MS / 2) this.sendText({ type: "KeepAlive" });
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#drop();
    if (code === NORMAL || !this.reconnects) {
      this.#ended(code, reason);
      return;
    }
    const most = BACK_OFF_MS[Math.min(this.#attempts, BACK_OFF_MS.length - 1)];
    // Everybody lost the same server at the same time; not everybody is to come back at the same time.
    const retryMs = most * (0.75 + Math.random() / 2);
    this.#attempts += 1;
    this.#retry = setTimeout(() => this.open(), retryMs);
    this.dispatchEvent(new CustomEvent("lost", { detail: { code, reason, retryMs } }));
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #ended(code, reason) {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.dispatchEvent(new CustomEvent("end", { detail: { code, reason } }));
  }
}
