// Office's side of the task pane: functions in cells, and the ribbon's buttons.
// One recalculation makes one request, however many cells it has.

import { Trouble, ask } from "./hub.js";
import { press, say, sentence, theHub, whenFresh } from "./pane.js";
import { COMMANDS, FUNCTIONS } from "./declared.js";

const TOGETHER = 5; // milliseconds in which calls are gathered
const MOST_CALLS = 20000; // in one request, as the hub takes them
const MOST_BYTES = 900000; // in one request
const LONGEST = 120000; // milliseconds an answer may take
const AGAIN = 3; // tries where the hub has too much to do
const PAUSE = 1000; // milliseconds before the next

const bytes = new TextEncoder();
let waiting = new Map(); // what is asked, as text -> those who asked
let alarm = null;
let sending = Promise.resolve(); // one request after the other

function failed(code, message) {
  const codes = CustomFunctions.ErrorCode;
  if (code === "#NUM!") return new CustomFunctions.Error(codes.invalidNumber); // Excel takes no sentence with this one
  return new CustomFunctions.Error(code === "#N/A" ? codes.notAvailable : codes.invalidValue, message);
}

/** The hub's result as Excel takes it: rows of values and of the host's own errors; one error alone is thrown. */
function shown(result) {
  if (Array.isArray(result)) return result.map((row) => row.map(shown));
  return result.error ? failed(result.error, result.message) : result.value ?? "";
}

/** What a cell was given that no request can hold: an error of the sheet, or one of Excel's richer kinds of values. */
function oddCell(cells) {
  const odd = cells.flat(2).find((cell) => typeof cell === "object" && cell !== null);
  if (odd === undefined) return null;
  return odd instanceof CustomFunctions.Error ? odd : failed("#VALUE!", sentence("cellsOdd"));
}

/** One call of a function; answered with everything else that is asked at the same moment. */
async function call(name, given) {
  const cells = given.map((cell) => cell ?? null);
  const odd = oddCell(cells);
  if (odd) throw odd; // as in Excel's own functions, an error in gives the error out
  while (cells.length && cells.at(-1) === null) cells.pop();
  const key = JSON.stringify([name, cells]);
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
  for (const chunk of chunks(all)) sending = sending.then(() => send(chunk));
}

/** What is asked in pieces the hub takes. */
function* chunks(all) {
  let chunk = [];
  let size = 0;
  for (const one of all) {
    const length = bytes.encode(one[0]).length + 1;
    if (length > MOST_BYTES) {
      answer(one, failed("#VALUE!", sentence("cellsLarge")));
      continue;
    }
    if (chunk.length === MOST_CALLS || size + length > MOST_BYTES) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(one);
    size += length;
  }
  if (chunk.length) yield chunk;
}

async function send(chunk) {
  try {
    const results = await resultsOf({ calls: chunk.map(([key]) => JSON.parse(key)) });
    chunk.forEach((one, index) => answer(one, shown(results[index])));
  } catch (trouble) {
    const why = failed("#N/A", sentence(trouble instanceof Trouble ? trouble.kind : "odd"));
    for (const one of chunk) answer(one, why);
  }
}

async function resultsOf(calls) {
  for (let tried = 1; ; tried += 1) {
    const hub = theHub();
    if (!hub) throw new Trouble("cellsFirst");
    try {
      return (await ask(hub, "/v1/functions", calls, LONGEST)).results;
    } catch (trouble) {
      if (trouble.kind !== "busy" || tried === AGAIN) throw trouble;
    }
    await new Promise((wake) => setTimeout(wake, PAUSE));
  }
}

function answer([, asked], result) {
  for (const { resolve, reject } of asked) {
    if (result instanceof CustomFunctions.Error) reject(result);
    else resolve(Array.isArray(result) ? result : [[result]]);
  }
}

async function fromRibbon(name, event) {
  try {
    await Office.addin.showAsTaskpane();
    await press(name);
  } finally {
    event.completed();
  }
}

/** New numbers in the shop are new numbers in the cells. */
async function calculate() {
  try {
    await Excel.run(async (context) => {
      context.application.calculate(Excel.CalculationType.full);
      await context.sync();
    });
  } catch {
    say(sentence("cellsStale"), true); // a cell is being edited, or Excel does not let us
  }
}

for (const [name, most] of Object.entries(FUNCTIONS)) {
  // Office adds an argument of its own after the declared ones
  CustomFunctions.associate(name, (...given) => call(name, given.slice(0, most)));
}
Office.onReady(() => {
  for (const name of COMMANDS) Office.actions.associate(`bm_${name}`, (event) => fromRibbon(name, event));
  whenFresh(calculate);
});
