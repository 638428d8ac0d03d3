import { RATE_HZ, soundContext, withWorklet } from "./sound.js";

/**
 * The agent's voice: plays what is pushed without gaps, and knows how much of it has been heard.
 *
 * Events: `level` (detail: RMS from 0 to 1, about 25 a second while it plays), `start`, and `end`
 * when everything has been played or dropped.
 */
export class Speaker extends EventTarget {
  /** @type {AudioWorkletNode | undefined} */
  #node;
  /** @type {ArrayBuffer[]} */
  #early = [];
  #pushed = 0;
  #played = 0;
  #plays = false;
  #isLoading = false;
  #dropped = 0;
  /** What had been pushed at each flush that the audio thread has not answered yet. @type {number[]} */
  #flushes = [];

  /** How many ms were pushed since the page was loaded. */
  get pushedMs() {
    return (this.#pushed / RATE_HZ) * 1000;
  }

  /** How many of these have been played, and dropped ones counted as played. */
  get playedMs() {
    return ((this.#played + this.#dropped) / RATE_HZ) * 1000;
  }

  /** Whether something is still to be heard. */
  get isPlaying() {
    return this.#plays;
  }

  /** Let it be heard: browsers keep silent until the user has done something. */
  async resume() {
    await soundContext().resume();
  }

  /** @param {ArrayBuffer} pcm s16le mono, 24 kHz */
  push(pcm) {
    if (pcm.byteLength === 0) return;
    this.#pushed += pcm.byteLength / 2;
    if (!this.#plays) {
      this.#plays = true;
      this.dispatchEvent(new Event("start"));
    }
    if (this.#node === undefined) {
      this.#early.push(pcm);
      void this.#load();
    } else {
      this.#node.port.postMessage({ pcm }, [pcm]);
    }
  }

  /** Drop what has not been played. Return how many ms had been, as `playedMs` counts. */
  flush() {
    const heardMs = this.playedMs;
    this.#early = [];
    if (this.#node !== undefined) {
      this.#node.port.postMessage({ flush: true });
      this.#flushes.push(this.#pushed);
    }
    this.#dropped = this.#pushed - this.#played;
    this.#end();
    return heardMs;
  }

  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const context = soundContext();
    await withWorklet(context, "./playback.worklet.js");
    const node = new AudioWorkletNode(context, "turngate-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    node.port.onmessage = ({ data }) => this.#report(data);
    node.connect(context.destination);
    this.#node = node;
    for (const pcm of this.#early.splice(0)) node.port.postMessage({ pcm }, [pcm]);
  }

  /** @param {{ played: number, level: number, flushed: boolean }} report */
  #report({ played, level, flushed }) {
    const pushed = flushed ? this.#flushes.shift() : undefined;
    if (pushed !== undefined) this.#dropped = pushed - played;
    if (this.#flushes.length > 0) return; // it was sent before that flush
    this.#played = played;
    if (this.#plays) this.dispatchEvent(new CustomEvent("level", { detail: level }));
    if (this.#plays && played + this.#dropped >= this.#pushed) this.#end();
  }

  #end() {
    if (!this.#plays) return;
    this.#plays = false;
    this.dispatchEvent(new CustomEvent("level", { detail: 0 }));
    this.dispatchEvent(new Event("end"));
  }
}
