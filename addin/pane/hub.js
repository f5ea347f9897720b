// Talking to the hub: where it is, who we are, and what went wrong in one of a few words.

/** Why the hub gave no answer: gone | far | barred | token | busy | slow | odd | none, as in words.js. */
export class Trouble extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

const PLACE = "biaomao-hub";
const LONGEST = 30000; // milliseconds an answer may take
const STATES = { 401: "token", 403: "token", 404: "none", 421: "token", 429: "busy", 503: "busy" };

/** The hub's address and token from the page's own address, which then forgets the token. */
export function fromLocation() {
  const token = location.hash.slice(1);
  if (!token) return recall();
  history.replaceState(null, "", location.pathname + location.search);
  return remember({ base: location.origin, token });
}

/** The hub from a pasted address like http://127.0.0.1:8123/pane/index.html#token; null if it is none. */
export function fromText(text) {
  let url;
  try {
    url = new URL(text.trim());
  } catch {
    return null;
  }
  const here = url.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const token = url.hash.slice(1);
  return here && /^[0-9a-f]{64}$/.test(token) ? remember({ base: url.origin, token }) : null;
}

/** Kept while this window is open; a browser that keeps nothing for a framed page asks again in the next one. */
function remember(hub) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(hub));
  } catch {
    // the page still knows it
  }
  return hub;
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

/** One request; the answer's JSON, or a Trouble. */
export async function ask(hub, path, body, longest = LONGEST) {
  const options = { headers: { Authorization: `Bearer ${hub.token}` }, cache: "no-store", signal: AbortSignal.timeout(longest) };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  if (isFar(hub) && KNOWS_LOOPBACK) options.targetAddressSpace = "loopback";
  try {
    const answer = await fetch(hub.base + path, options);
    if (answer.ok) return await answer.json();
    throw new Trouble(STATES[answer.status] ?? "odd");
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble(await whyNot(hub, error));
  }
}

/** Whether the page came from somewhere else than the hub, as Office's pages do. */
const isFar = (hub) => hub.base !== location.origin;

/** Newer browsers let a page of the web reach this machine only when it says that it wants to. */
const KNOWS_LOOPBACK = (() => {
  try {
    return Boolean(new Request(location.href, { targetAddressSpace: "loopback" }));
  } catch {
    return false;
  }
})();

async function whyNot(hub, error) {
  if (error.name === "TimeoutError") return "slow";
  if (error.name === "SyntaxError") return "odd"; // not our JSON: another program has that port
  if (!isFar(hub)) return "gone";
  return (await isBarred()) ? "barred" : "far";
}

/** Whether the browser says itself that it keeps pages away from this machine. */
async function isBarred() {
  for (const name of ["loopback-network", "local-network-access"]) {
    try {
      return (await navigator.permissions.query({ name })).state === "denied";
    } catch {
      continue; // a browser without this question
    }
  }
  return false;
}
