/**
 * Plays s16le mono without gaps, and drops what is left when told to.
 *
 * Runs on the audio thread. Takes `{ pcm: ArrayBuffer }` and `{ flush: true }`; posts
 * `{ played, queued, level, flushed }`: samples played and still queued, the RMS of what sounds, and
 * whether this answers a flush, in which case what was queued then is gone.
 */

const FULL_SCALE = 32768;
const REPORT_MS = 40;
/** So much is collected before a silence ends, so that a late packet leaves no hole. */
const CUSHION_MS = 60;
/** A cut in the middle of a wave clicks; this fade is too short to be heard as one. */
const FADE_MS = 4;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    /** @type {Int16Array[]} */
    this.queue = [];
    this.at = 0; // in the first of the queue
    this.queued = this.played = 0;
    this.sounds = false;
    this.waited = 0; // samples since something came that does not fill the cushion
    this.untilReport = 0;
    this.energy = this.counted = 0;
    this.last = 0;
    this.port.onmessage = ({ data }) => (data.flush ? this.flush() : this.take(data.pcm));
  }

  /** @param {ArrayBuffer} pcm */
  take(pcm) {
    const samples = new Int16Array(pcm);
    this.queue.push(samples);
    this.queued += samples.length;
  }

  flush() {
    this.queue = [];
    this.at = this.queued = 0;
    this.sounds = false;
    this.report(true);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const [channel, ...others] = outputs[0];
    this.decide(channel.length);
    const written = this.sounds ? this.fill(channel) : 0;
    this.fade(channel, written);
    for (const other of others) other.set(channel);
    this.untilReport -= channel.length;
    if (this.untilReport <= 0) this.report(false);
    return true;
  }

  /** @param {number} samples */
  decide(samples) {
    if (this.queued === 0) {
      this.sounds = false;
      this.waited = 0;
    } else if (!this.sounds) {
      const cushion = (sampleRate * CUSHION_MS) / 1000;
      this.waited += samples;
      this.sounds = this.queued >= cushion || this.waited >= cushion;
    }
  }

  /** @param {Float32Array} channel */
  fill(channel) {
    let written = 0;
    while (written < channel.length && this.queued > 0) {
      const [first] = this.queue;
      const taken = Math.min(channel.length - written, first.length - this.at);
      for (let i = 0; i < taken; i += 1) {
        const sample = first[this.at + i] / FULL_SCALE;
        channel[written + i] = sample;
        this.energy += sample * sample;
      }
      written += taken;
      this.at += taken;
      this.queued -= taken;
      if (this.at === first.length) {
        this.queue.shift();
        this.at = 0;
      }
    }
    this.played += written;
    this.counted += channel.length;
    if (written > 0) this.last = channel[written - 1];
    return written;
  }

  /**
   * Let the last sample die away where sound stops.
   *
   * @param {Float32Array} channel
   * @param {number} from
   */
  fade(channel, from) {
    const keep = Math.exp(-1 / ((sampleRate * FADE_MS) / 4000));
    for (let i = from; i < channel.length && this.last !== 0; i += 1) {
      this.last = Math.abs(this.last) < 1e-4 ? 0 : this.last * keep;
      channel[i] = this.last;
    }
  }

  /** @param {boolean} flushed */
  report(flushed) {
    const level = this.counted ? Math.sqrt(this.energy / this.counted) : 0;
    this.port.postMessage({ played: this.played, queued: this.queued, level, flushed });
    this.energy = this.counted = 0;
    this.untilReport = (sampleRate * REPORT_MS) / 1000;
  }
}

registerProcessor("turngate-playback", Playback);
