/**
 * Tell whether two JSON values are equal, in whatever order their keys stand.
 *
 * @param {unknown} one
 * @param {unknown} other
 */
export function same(one, other) {
  return canonical(one) === canonical(other);
}

/** @param {unknown} value */
function canonical(value) {
  return JSON.stringify(value, (_, each) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
