import { part } from "./made.js";

const WORDS = {
  off: "Ready when you are",
  connecting: "Connecting",
  listening: "Listening",
  waiting: "Your turn",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
};

const BARS = 64;
const isStill = matchMedia("(prefers-reduced-motion: reduce)");

/** What the agent does, in a word and as a wave of the sound of either side. */
export class Mood {
  #box = part("mood");
  #word = part("mode");
  #canvas = /** @type {HTMLCanvasElement} */ (part("wave"));
  #levels = new Array(BARS).fill(0);
  #level = 0;
  #isMoving = false;

  constructor() {
    this.#paint();
  }

  /** @param {keyof typeof WORDS} mode */
  show(mode) {
    if (this.#box.dataset.mode === mode) return;
    this.#box.dataset.mode = mode;
    this.#word.textContent = WORDS[mode];
    this.#move();
  }

  /** @param {number} level RMS from 0 to 1 of whoever speaks */
  hear(level) {
    this.#level = Math.max(level, this.#level * 0.6);
    if (level > 0.002) this.#move();
  }

  #move() {
    if (this.#isMoving || isStill.matches) return;
    this.#isMoving = true;
    requestAnimationFrame((at) => this.#draw(at));
  }

  /** @param {number} at */
  #draw(at) {
    const thinks = this.#box.dataset.mode === "thinking";
    const pulse = thinks ? 0.05 + 0.05 * Math.sin(at / 160) : 0;
    this.#levels.push(Math.max(this.#level, pulse));
    this.#levels.shift();
    this.#level *= 0.86;
    this.#paint();
    this.#isMoving = false;
    if (thinks || this.#levels.some((level) => level > 0.002)) this.#move();
  }

  #paint() {
    const { width, height } = this.#canvas;
    const pen = this.#canvas.getContext("2d");
    if (pen === null) return;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(this.#box).color;
    const step = width / BARS;
    for (const [at, level] of this.#levels.entries()) {
      const tall = Math.max(4, Math.min(height, Math.sqrt(level) * height * 1.5));
      pen.globalAlpha = 0.25 + 0.75 * (at / BARS);
      pen.beginPath();
      pen.roundRect(at * step, (height - tall) / 2, step * 0.55, tall, 3);
      pen.fill();
    }
  }
}
