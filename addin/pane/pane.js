// The task pane: one button to sync, the other commands, what needs a person, and a search.

import { ask, fromLocation, fromText } from "./hub.js";
import { WORDS } from "./words.js";

const SOON = 100; // milliseconds before the first look at a job; most are over quickly
const LOOK = 400; // between later ones
const MISSES = 5; // looks in a row that may fail: the hub may be restarting
const FRESH = 20000; // between looks at the shop
const TYPED = 250; // after the last keystroke of a search
const MOST = 50; // orders and to-dos the hub tells at once
const OFTEN = ["print", "ship"]; // with a picture and always in sight; the others are one click away
const OVER = ["done", "failed", "cancelled"];

const at = (id) => document.getElementById(id);
const state = { hub: null, language: null, commands: [], job: null, pressed: null, held: null, asking: null, seen: "", asOf: null, trouble: false };
const listeners = [];
let words = WORDS[navigator.language.startsWith("en") ? "en" : "zh"];

// -- words ------------------------------------------------------------------------------------------------------------

/** A sentence of the pane in its language, filled in. */
export function sentence(key, filled = {}) {
  const all = { origin: location.origin, ...filled };
  return (words[key] ?? words.odd).replace(/{(\w+)}/g, (_, name) => all[name]);
}

/** Say one sentence below the buttons. */
export function say(text, bad = false) {
  state.trouble = false;
  at("said").classList.toggle("bad", bad);
  if (at("said").textContent !== text) at("said").textContent = text; // said again only when it changes
}

function sayTrouble(trouble) {
  say(sentence(trouble.kind), true);
  state.trouble = true;
  if (trouble.kind === "token") at("connect").hidden = false;
}

function speak(language) {
  words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = words[element.dataset.say];
  at("language").textContent = words.other;
  at("language").title = words.otherLong;
  at("language").lang = language === "zh" ? "en" : "zh-CN";
  at("query").placeholder = words.findHint;
  at("connect-help").textContent = sentence(location.protocol === "https:" ? "connectHelpFar" : "connectHelp");
  at("sync-text").textContent = state.job?.command === "sync" ? words.syncing : words.sync;
}

/** An element with a class and text; text is never markup. */
function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

const inLanguage = (path) => (state.language ? `${path}${path.includes("?") ? "&" : "?"}language=${state.language}` : path);

// -- the shop ---------------------------------------------------------------------------------------------------------

async function look() {
  const status = await ask(state.hub, "/v1/status");
  if (state.trouble) say("");
  if (!state.language) speak((state.language = status.language));
  if (!state.commands.length) await showCommands();
  at("shop").textContent = status.shop;
  document.title = `${status.shop} · 表猫`;
  at("as-of").textContent = status.as_of ? sentence("asOf", { time: status.as_of.slice(0, 16) }) : words.neverSynced;
  at("to-ship").textContent = status.to_ship ? sentence("toShip", { count: status.to_ship }) : "";
  const seen = `${status.as_of} ${status.open_todos} ${state.language}`;
  if (seen !== state.seen) {
    showTodos(await ask(state.hub, inLanguage("/v1/todos")), status.open_todos);
    state.seen = seen;
  }
  if (status.as_of !== state.asOf) {
    state.asOf = status.as_of;
    for (const listener of listeners) listener();
  }
  if (status.running) follow(status.running);
}

/** Call back when the shop's numbers may have changed: once connected, and after every sync. */
export function whenFresh(listener) {
  listeners.push(listener);
  if (state.asOf !== null) listener();
}

function showTodos(todos, count) {
  at("todo-count").textContent = count || "";
  at("todos").replaceChildren(...todos.map(todoShown));
  if (!todos.length) at("todos").append(made("li", "none", words.nothingToDo));
  else if (count > todos.length) at("todos").append(made("li", "none", sentence("moreTodos", { count: count - todos.length })));
}

function todoShown(todo) {
  const item = made("li");
  const head = made("strong");
  head.append(made("span", `tag ${todo.level}`, todo.severity), made("span", "", todo.reason));
  const where = [todo.sheet, todo.row].filter(Boolean).join(" · ");
  item.append(head, made("span", "where", where));
  if (todo.advice) item.append(made("p", "", todo.advice));
  return item;
}

// -- commands ---------------------------------------------------------------------------------------------------------

async function showCommands() {
  const { commands } = await ask(state.hub, inLanguage("/v1/catalogue"));
  const isOften = (command) => OFTEN.includes(command.name);
  const others = commands.filter((command) => command.name !== "sync");
  at("often").replaceChildren(...others.filter(isOften).map(commandButton));
  at("others").replaceChildren(...others.filter((command) => !isOften(command)).map(commandButton));
  state.commands = commands;
  lock(isBusy());
}

function commandButton(command) {
  const button = made("button");
  button.type = "button";
  button.title = command.about;
  button.dataset.command = command.name;
  if (OFTEN.includes(command.name)) button.append(picture(command.name));
  button.append(command.label);
  button.addEventListener("click", () => choose(command, button));
  return button;
}

function picture(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}-icon`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Do a command, or first ask what it needs to know. */
function choose(command, from) {
  if (isBusy()) return begin(command.name, "");
  if (command.argument || command.asks) openAsk(command, from);
  else begin(command.name, "");
}

function openAsk(command, from) {
  state.asking = { command, from };
  at("ask-first").textContent = command.asks;
  at("ask-label").textContent = command.argument;
  at("ask-label").hidden = at("ask-text").hidden = !command.argument;
  at("ask-text").value = "";
  at("ask-yes").textContent = command.label;
  at("ask").hidden = false;
  (command.argument ? at("ask-text") : at("ask-yes")).focus();
}

function closeAsk() {
  at("ask").hidden = true;
  state.asking?.from.focus();
  state.asking = null;
}

function submitAsk(event) {
  event.preventDefault();
  const name = state.asking.command.name;
  const argument = at("ask-text").value.trim();
  closeAsk();
  begin(name, argument);
}

const isBusy = () => Boolean(state.job ?? state.pressed);
const labelOf = (name) => state.commands.find((command) => command.name === name)?.label ?? name;
const buttons = () => [at("sync"), ...at("work").querySelectorAll(".commands button")];

function lock(locked) {
  for (const button of buttons()) button.disabled = locked;
}

/** Whether the keyboard's place was lost, as when its button was switched off. */
const isNowhere = () => document.activeElement === document.body || document.activeElement.disabled;

/** Begin a command, unless one is under way: the same one is then meant, another one has to wait. */
async function begin(command, argument) {
  const under = state.job?.command ?? state.pressed;
  if (under) return under === command || say(sentence("wait", { job: labelOf(under) }), true);
  state.pressed = command;
  state.held = document.activeElement;
  lock(true);
  say("");
  try {
    const job = await ask(state.hub, "/v1/jobs", { command, argument });
    state.pressed = null;
    await follow(job);
  } catch (trouble) {
    state.pressed = null;
    over();
    sayTrouble(trouble);
  }
}

/** Show a job until it is over. A hub that does not answer for a moment is asked again. */
async function follow(job) {
  if (isBusy()) return;
  state.job = job;
  at("sync-text").textContent = job.command === "sync" ? words.syncing : words.sync;
  at("stop").disabled = false;
  at("job").hidden = false;
  lock(true);
  if (state.held && isNowhere()) at("stop").focus();
  for (let missed = 0, pause = SOON; !OVER.includes(job.state); pause = Math.min(LOOK, pause * 1.5)) {
    if (!at("stop").disabled) at("step").textContent = `${labelOf(job.command)}: ${job.step || words.starting}`;
    at("bar").value = job.progress;
    await new Promise((wake) => setTimeout(wake, pause));
    try {
      job = await ask(state.hub, `/v1/jobs/${job.number}`);
      missed = 0;
    } catch (trouble) {
      missed += 1;
      if (["token", "none"].includes(trouble.kind) || missed > MISSES) return lost(trouble);
    }
  }
  over();
  say(job.answer, job.state === "failed");
  await look().catch(sayTrouble);
}

function over() {
  const back = isNowhere() || document.activeElement === at("stop");
  state.job = null;
  at("job").hidden = true;
  at("step").textContent = "";
  at("sync-text").textContent = words.sync;
  lock(false);
  if (back) state.held?.focus();
  state.held = null;
}

function lost(trouble) {
  over();
  if (trouble.kind === "none") say(words.lostJob, true);
  else sayTrouble(trouble);
}

async function stop() {
  at("stop").disabled = true;
  at("step").textContent = words.stopping;
  await ask(state.hub, `/v1/jobs/${state.job.number}/cancel`, {}).catch(sayTrouble);
}

/** Press a command's button, as the ribbon does. What asks first asks here too, so the commands must be known. */
export async function press(name) {
  if (!state.hub) {
    say(words.connectFirst, true);
    return at("address").focus();
  }
  await opening;
  const command = state.commands.find((one) => one.name === name);
  if (command) choose(command, at("sync"));
}

/** Where the hub is and who we are; null before somebody connected. */
export const theHub = () => state.hub;

// -- search -----------------------------------------------------------------------------------------------------------

let typing = 0;

function searchSoon() {
  clearTimeout(typing);
  typing = setTimeout(() => search().catch(sayTrouble), TYPED);
}

async function search() {
  const query = at("query").value.trim();
  const found = query ? await ask(state.hub, inLanguage(`/v1/orders?query=${encodeURIComponent(query)}`)) : [];
  if (at("query").value.trim() !== query) return; // typed on meanwhile
  at("orders").replaceChildren(...found.map(orderShown));
  at("found").textContent = query && howMany(found.length);
}

function howMany(count) {
  if (!count) return words.nothingFound;
  return sentence(count < MOST ? "found" : "foundMost", { count });
}

function orderShown(order) {
  const item = made("li");
  const head = made("strong");
  head.append(made("span", "tag", order.stage), made("span", "", order.tid));
  item.append(head, made("span", "where", [order.goods, order.paid && `¥${order.paid}`].filter(Boolean).join(" · ")));
  const parcel = [order.courier, order.waybills].filter(Boolean).join(" ");
  if (parcel) item.append(made("p", "", parcel));
  if (order.problem) item.append(made("p", "", order.problem));
  return item;
}

// -- beginning --------------------------------------------------------------------------------------------------------

let opening = Promise.resolve();

async function open() {
  const ready = Boolean(state.hub);
  at("connect").hidden = ready;
  for (const id of ["work", "todo", "search"]) at(id).hidden = !ready;
  if (ready) await look().catch(sayTrouble);
  else at("address").focus();
}

function connect(event) {
  event.preventDefault();
  const hub = fromText(at("address").value);
  if (!hub) return say(words.badAddress, true);
  at("address").value = "";
  begunWith(hub);
}

function begunWith(hub) {
  Object.assign(state, { hub, commands: [], seen: "", asOf: null });
  say("");
  opening = open();
}

async function changeLanguage() {
  state.language = words === WORDS.zh ? "en" : "zh";
  speak(state.language);
  closeAsk();
  at("language").focus();
  if (state.hub) await Promise.all([look(), showCommands(), search()]).catch(sayTrouble);
}

function refresh() {
  if (state.hub && !isBusy() && !document.hidden) look().catch(sayTrouble);
}

function listen() {
  at("sync").addEventListener("click", () => begin("sync", ""));
  at("stop").addEventListener("click", stop);
  at("query").addEventListener("input", searchSoon);
  at("ask-no").addEventListener("click", closeAsk);
  at("ask").addEventListener("keydown", (event) => event.key === "Escape" && closeAsk());
  at("ask").addEventListener("submit", submitAsk);
  at("connect").addEventListener("submit", connect);
  at("language").addEventListener("click", changeLanguage);
  document.addEventListener("visibilitychange", refresh);
  // the new address opened in the same window: only its token differs, and the page is not loaded again
  window.addEventListener("hashchange", () => location.hash && begunWith(fromLocation()));
  setInterval(refresh, FRESH);
}

speak(words === WORDS.en ? "en" : "zh");
state.hub = fromLocation();
listen();
opening = open();
