/** Cities after which no time zone is named; the others are found by the zone's name. */
const CITIES = new Map(
  Object.entries({
    bangalore: "Asia/Kolkata",
    barcelona: "Europe/Madrid",
    beijing: "Asia/Shanghai",
    boston: "America/New_York",
    "cape town": "Africa/Johannesburg",
    delhi: "Asia/Kolkata",
    edinburgh: "Europe/London",
    frankfurt: "Europe/Berlin",
    geneva: "Europe/Zurich",
    hamburg: "Europe/Berlin",
    houston: "America/Chicago",
    kyoto: "Asia/Tokyo",
    miami: "America/New_York",
    milan: "Europe/Rome",
    montreal: "America/Toronto",
    mumbai: "Asia/Kolkata",
    munich: "Europe/Berlin",
    osaka: "Asia/Tokyo",
    "rio de janeiro": "America/Sao_Paulo",
    "san francisco": "America/Los_Angeles",
    seattle: "America/Los_Angeles",
    washington: "America/New_York",
  }),
);

/**
 * Return the name of a city's time zone.
 *
 * @param {string} city
 */
export function zoneOf(city) {
  const wanted = city.trim().toLowerCase().replaceAll("_", " ");
  const known = CITIES.get(wanted);
  if (known !== undefined) return known;
  const found = Intl.supportedValuesOf("timeZone").find((zone) => {
    const place = zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
    return [zone, place].some((name) => name.toLowerCase() === wanted);
  });
  if (found === undefined) throw new Error(`no time zone is known for ${city}`);
  return found;
}
