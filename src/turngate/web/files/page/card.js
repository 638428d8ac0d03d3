import { made } from "./made.js";

/**
 * A function call: its name, arguments and result, and how it stands.
 *
 * @param {import("../turngate/conversation.js").Called} call
 */
export function card({ name, args, response, isOurs, isCancelled }) {
  const result = response === undefined ? undefined : parsed(response);
  const failed = isFailure(result);
  const where = isOurs ? "in this page" : "in the gateway";
  let outcome = `runs ${where} ...`;
  if (isCancelled) outcome = "not wanted any more";
  else if (failed) outcome = "failed";
  else if (response !== undefined) outcome = `ran ${where}`;
  return made(
    "article",
    { className: failed ? "card failed" : "card", "aria-label": `Function call ${name}` },
    made("header", {}, made("h3", {}, name), made("span", { className: "outcome" }, outcome)),
    table(parsed(args), "without arguments"),
    response === undefined ? undefined : table(result, "no result"),
  );
}

/**
 * @param {unknown} value
 * @param {string} empty
 */
function table(value, empty) {
  const list = made("dl");
  const rows = value !== null && typeof value === "object" ? Object.entries(value) : [["result", value]];
  for (const [name, each] of rows) {
    const text = typeof each === "string" ? each : JSON.stringify(each);
    list.append(made("dt", {}, String(name)), made("dd", {}, text));
  }
  if (rows.length === 0) list.append(made("dt", {}, empty));
  return list;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {unknown} result */
function isFailure(result) {
  return result !== null && typeof result === "object" && "error" in result;
}
