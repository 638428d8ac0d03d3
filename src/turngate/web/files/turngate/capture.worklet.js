/**
 * The microphone's sound as 20 ms frames of s16le mono at the rate that was asked for.
 *
 * Runs on the audio thread. Posts `{ pcm: ArrayBuffer, level: number }`; `level` is the frame's RMS
 * from 0 to 1. A context at another rate is resampled here, by averaging over each output sample.
 */

const FRAME_MS = 20;
const FULL_SCALE = 32767;

class Capture extends AudioWorkletProcessor {
  /** @param {{ processorOptions: { rateHz: number } }} options */
  constructor(options) {
    super();
    const { rateHz } = options.processorOptions;
    this.step = sampleRate / rateHz;
    this.frame = new Int16Array((rateHz * FRAME_MS) / 1000);
    this.filled = 0;
    this.energy = 0;
    this.left = this.step; // input samples until the output sample under way is complete
    this.sum = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const [channel] = inputs[0] ?? [];
    if (channel === undefined) return true;
    if (this.step === 1) for (const sample of channel) this.push(sample);
    else for (const sample of channel) this.resample(sample);
    return true;
  }

  /** @param {number} sample */
  resample(sample) {
    let part = 1;
    while (part >= this.left) {
      this.push((this.sum + sample * this.left) / this.step);
      part -= this.left;
      this.left = this.step;
      this.sum = 0;
    }
    this.sum += sample * part;
    this.left -= part;
  }

  /** @param {number} sample */
  push(sample) {
    const clipped = Math.max(-1, Math.min(1, sample));
    this.frame[this.filled] = Math.round(clipped * FULL_SCALE);
    this.filled += 1;
    this.energy += clipped * clipped;
    if (this.filled < this.frame.length) return;
    const level = Math.sqrt(this.energy / this.filled);
    const pcm = this.frame.buffer;
    this.frame = new Int16Array(this.filled);
    this.filled = this.energy = 0;
    this.port.postMessage({ pcm, level }, [pcm]);
  }
}

registerProcessor("turngate-capture", Capture);
