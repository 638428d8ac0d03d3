/** Keeps what a page plays, sends and is told, beside the page's own code. For tests only. */
{
  const PIECE = 1024;
  /** @type {{ at: number, samples: Float32Array, rateHz: number }[]} */
  const pieces = [];

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !(this instanceof ScriptProcessorNode)) {
      const tap = this.context.createScriptProcessor(PIECE, 1, 1);
      tap.onaudioprocess = ({ inputBuffer }) => {
        const samples = inputBuffer.getChannelData(0).slice();
        pieces.push({ at: performance.now(), samples, rateHz: inputBuffer.sampleRate });
      };
      connect.call(this, tap);
      connect.call(tap, target);
    }
    return connect.call(this, target, ...rest);
  };

  const ear = {
    messages: [],
    spoken: [],
    pcm() {
      const bytes = pieces.flatMap(({ samples }) => [...samples].flatMap((sample) => {
        const whole = Math.round(Math.max(-1, Math.min(1, sample)) * 32767) & 0xffff;
        return [whole & 0xff, whole >> 8];
      }));
      let text = "";
      for (let at = 0; at < bytes.length; at += 8192) {
        text += String.fromCharCode(...bytes.slice(at, at + 8192));
      }
      return btoa(text);
    },
    loudness() {
      return pieces.flatMap(({ at, samples, rateHz }) => {
        const half = samples.length / 2;
        const loudest = (part) => part.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
        const first = at - (half / rateHz) * 1000;
        return [[first, loudest(samples.slice(0, half))], [at, loudest(samples.slice(half))]];
      });
    },
  };
  window.ear = ear;

  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string") ear.messages.push({ at: performance.now(), ...JSON.parse(data) });
      });
    }

    send(data) {
      if (data instanceof ArrayBuffer) {
        const loud = new Int16Array(data).some((sample) => Math.abs(sample) > 1000);
        if (loud) ear.spoken.push(performance.now());
      } else {
        ear.messages.push({ at: performance.now(), sent: true, ...JSON.parse(data) });
      }
      super.send(data);
    }
  };
}
