import { RATE_HZ, soundContext, withWorklet } from "./sound.js";

/** So much silence follows when the key is let go: the end of a turn is heard by its silence. */
const TAIL_MS = 2000;
const FRAME_MS = 20;

/** Why there is no microphone: `denied`, `missing`, `busy`, or `insecure` for a page without TLS. */
export class MicrophoneError extends Error {
  /**
   * @param {"denied" | "missing" | "busy" | "insecure"} reason
   * @param {string} message
   */
  constructor(reason, message) {
    super(message);
    this.name = "MicrophoneError";
    this.reason = reason;
  }
}

/**
 * The user's voice, as frames of 20 ms, s16le mono, 24 kHz.
 *
 * Events: `frame` (detail: ArrayBuffer), `level` (detail: RMS from 0 to 1, with each frame) and
 * `lost` when the device goes away by itself.
 */
export class Microphone extends EventTarget {
  /** @type {MediaStream | undefined} */
  #stream;
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {AudioNode[]} */
  #nodes = [];
  #isOpen = true;
  #tailMs = 0;

  /** Whether the device is in use, and the browser shows it. */
  get isOn() {
    return this.#stream !== undefined;
  }

  /** Whether what it hears is sent. Closed, it sends some silence and then nothing. */
  get isOpen() {
    return this.#isOpen;
  }

  set isOpen(opens) {
    if (this.#isOpen && !opens) this.#tailMs = TAIL_MS;
    this.#isOpen = opens;
  }

  /**
   * Ask for the device and begin. Call it from a click or a key, or the browser may refuse.
   *
   * @param {MediaTrackConstraints} [constraints] beside echo cancellation, which is on
   * @throws {MicrophoneError}
   */
  async start(constraints = {}) {
    if (this.isOn) return;
    if (!navigator.mediaDevices) {
      throw new MicrophoneError("insecure", "Browsers give microphones to https pages and to localhost only.");
    }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...constraints },
      });
      await this.#listen(this.#stream);
    } catch (error) {
      this.stop();
      throw plainly(error);
    }
  }

  /** Give the device back. */
  stop() {
    for (const node of this.#nodes.splice(0)) node.disconnect();
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = undefined;
    if (this.#context !== soundContext()) void this.#context?.close();
    this.#context = undefined;
  }

  /** @param {MediaStream} stream */
  async #listen(stream) {
    for (const track of stream.getTracks()) {
      track.onended = () => {
        this.stop();
        this.dispatchEvent(new Event("lost"));
      };
    }
    const { context, source } = connected(stream);
    this.#context = context;
    await context.resume();
    await withWorklet(context, "./capture.worklet.js");
    if (!this.isOn) return; // stopped meanwhile
    const capture = new AudioWorkletNode(context, "turngate-capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rateHz: RATE_HZ },
    });
    capture.port.onmessage = ({ data }) => this.#heard(data);
    source.connect(capture);
    this.#nodes = [source, capture];
  }

  /** @param {{ pcm: ArrayBuffer, level: number }} frame */
  #heard({ pcm, level }) {
    if (!this.isOn) return;
    this.dispatchEvent(new CustomEvent("level", { detail: this.#isOpen ? level : 0 }));
    if (!this.#isOpen) {
      if (this.#tailMs <= 0) return;
      this.#tailMs -= FRAME_MS;
      pcm = new ArrayBuffer(pcm.byteLength);
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: pcm }));
  }
}

/**
 * Connect a stream to the page's context, or to one of the device's own rate where the browser
 * wants that; the worklet resamples then.
 *
 * @param {MediaStream} stream
 */
function connected(stream) {
  const context = soundContext();
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    const own = new AudioContext();
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}

/** @param {unknown} error */
function plainly(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    return new MicrophoneError("denied", "The microphone was denied to this page.");
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return new MicrophoneError("missing", "There is no microphone.");
  }
  if (name === "NotReadableError" || name === "AbortError") {
    return new MicrophoneError("busy", "The microphone is in use, or does not answer.");
  }
  return error;
}
