import { zoneOf } from "./cities.js";

/** What the agent can do in this page. They tell only what is true: no invented weather. */
export const FUNCTIONS = {
  get_time: {
    description: "Tell the local time and day in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string", description: "Such as Paris" } },
      required: ["city"],
    },
    /** @param {{ city: string }} asked */
    run({ city }) {
      const now = new Date();
      const timeZone = zoneOf(city);
      const time = now.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
      return { city, time, day: now.toLocaleDateString("en-GB", { timeZone, weekday: "long" }) };
    },
  },
  roll_dice: {
    description: "Roll one die with this many sides.",
    parameters: { type: "object", properties: { sides: { type: "integer", minimum: 2, default: 6 } } },
    /** @param {{ sides?: number }} asked */
    run({ sides = 6 }) {
      const [drawn] = crypto.getRandomValues(new Uint32Array(1));
      return { rolled: 1 + (drawn % sides) };
    },
  },
};

/** What can be asked so that one of them is called; the local ears understand these. */
export const HINTS = ["what time is it in Paris?", "roll a dice", "tell me a joke", "what can you do?"];
