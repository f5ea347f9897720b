// Office's side of the task pane: functions in cells, and the ribbon's buttons.
// One recalculation makes one request, however many cells it has.

import { ask } from "./hub.js";
import { press, theHub } from "./pane.js";
import { COMMANDS, FUNCTIONS } from "./declared.js";

const TOGETHER = 5; // milliseconds in which calls are gathered
const MOST_CALLS = 20000; // in one request, as the hub takes them
const MOST_TEXT = 900000; // characters in one request

const NOT_CONNECTED = "表猫还没有连接:打开“表猫”窗格 / Biaomao is not connected: open its pane";
const NO_ANSWER = "连不上本机的表猫(biaomao serve) / Biaomao on this machine does not answer";

let waiting = new Map(); // what is asked, as text -> those who asked
let alarm = null;

/** A cell's value from the hub's, or the host's own error with a sentence. */
function shown(cell) {
  if (Array.isArray(cell)) return cell.map((row) => row.map(shown));
  if (!cell.error) return cell.value ?? "";
  const codes = CustomFunctions.ErrorCode;
  const code = { "#N/A": codes.notAvailable, "#NUM!": codes.invalidNumber }[cell.error] ?? codes.invalidValue;
  return new CustomFunctions.Error(code, cell.message);
}

/** One call of a function; answered with everything else that is asked at the same moment. */
function call(name, given) {
  const cells = [...given];
  if (cells.length && cells.at(-1)?.functionName !== undefined) cells.pop(); // Office's own last argument
  while (cells.length && (cells.at(-1) === null || cells.at(-1) === undefined)) cells.pop();
  const key = JSON.stringify([name, cells.map((cell) => cell ?? null)]);
  return new Promise((resolve, reject) => {
    const asked = waiting.get(key) ?? [];
    asked.push({ resolve, reject });
    waiting.set(key, asked);
    alarm ??= setTimeout(flush, TOGETHER);
  });
}

function flush() {
  const all = [...waiting];
  waiting = new Map();
  alarm = null;
  let chunk = [];
  let size = 0;
  for (const one of all) {
    if (chunk.length === MOST_CALLS || (chunk.length && size + one[0].length > MOST_TEXT)) {
      send(chunk);
      chunk = [];
      size = 0;
    }
    chunk.push(one);
    size += one[0].length + 1;
  }
  if (chunk.length) send(chunk);
}

async function send(chunk) {
  const hub = theHub();
  let results = null;
  let why = hub ? NO_ANSWER : NOT_CONNECTED;
  try {
    if (hub) ({ results } = await ask(hub, "/v1/functions", { calls: chunk.map(([key]) => JSON.parse(key)) }));
  } catch (trouble) {
    why = `${NO_ANSWER} (${trouble.kind})`;
  }
  chunk.forEach(([, asked], index) => {
    const result = results ? shown(results[index]) : new CustomFunctions.Error(CustomFunctions.ErrorCode.notAvailable, why);
    for (const { resolve, reject } of asked) {
      if (result instanceof CustomFunctions.Error) reject(result);
      else resolve(Array.isArray(result) ? result : [[result]]);
    }
  });
}

async function fromRibbon(name, event) {
  try {
    await Office.addin.showAsTaskpane();
    press(name);
  } finally {
    event.completed();
  }
}

for (const name of FUNCTIONS) CustomFunctions.associate(name, (...given) => call(name, given));
Office.onReady(() => {
  for (const name of COMMANDS) Office.actions.associate(`bm_${name}`, (event) => fromRibbon(name, event));
});
