// Talking to the hub: where it is, who we are, and what went wrong in one of a few words.

export class Trouble extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind; // gone | token | busy | odd | none
  }
}

const PLACE = "biaomao-hub";

/** The hub's address and token from the page's own address, which then forgets the token. */
export function fromLocation() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    remember({ base: location.origin, token });
  }
  return recall();
}

/** The hub from a pasted address like http://127.0.0.1:8123/pane/index.html#token; null if it is none. */
export function fromText(text) {
  try {
    const url = new URL(text.trim());
    const ours = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) && url.protocol === "http:";
    const token = url.hash.slice(1);
    if (!ours || !/^[0-9a-f]{64}$/.test(token)) return null;
    const hub = { base: url.origin, token };
    remember(hub);
    return hub;
  } catch {
    return null;
  }
}

function remember(hub) {
  sessionStorage.setItem(PLACE, JSON.stringify(hub));
}

function recall() {
  const kept = sessionStorage.getItem(PLACE);
  return kept ? JSON.parse(kept) : null;
}

/** One request; the answer's JSON, or a Trouble. */
export async function ask(hub, path, body) {
  const options = { headers: { Authorization: `Bearer ${hub.token}` }, cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(hub.base + path, options);
  } catch {
    throw new Trouble("gone");
  }
  if (answer.ok) return answer.json();
  throw new Trouble({ 401: "token", 403: "token", 404: "none", 421: "token", 429: "busy" }[answer.status] ?? "odd");
}
