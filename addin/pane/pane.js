// The task pane: one button to sync, the other commands, what needs a person, and a search.

import { ask, fromLocation, fromText } from "./hub.js";
import { WORDS } from "./words.js";

const LOOK = 400; // milliseconds between looks at a job
const FRESH = 20000; // between looks at the shop
const TYPED = 250; // after the last keystroke of a search

const at = (id) => document.getElementById(id);
const state = { hub: null, language: null, commands: [], job: null, asking: null, known: "" };
let words = WORDS.zh;

/** An element with a class and text; text is never markup. */
function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

function say(text, bad = false) {
  at("said").classList.toggle("bad", bad);
  at("said").textContent = text;
}

function sayTrouble(trouble) {
  say(words[trouble.kind] ?? words.odd, true);
  if (trouble.kind === "token") at("connect").hidden = false;
}

function speak(language) {
  state.language = language;
  words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = words[element.dataset.say];
  at("language").textContent = words.other;
  at("language").lang = language === "zh" ? "en" : "zh-CN";
  at("query").placeholder = words.findHint;
  at("sync").textContent = state.job ? words.syncing : words.sync;
}

const inLanguage = (path) => `${path}${path.includes("?") ? "&" : "?"}language=${state.language}`;

// -- the shop ---------------------------------------------------------------------------------------------------------

async function look() {
  const status = await ask(state.hub, "/v1/status");
  if (!state.language) speak(status.language);
  at("shop").textContent = status.shop;
  document.title = `${status.shop} · 表猫`;
  const fresh = status.as_of ? `${words.asOf} ${status.as_of}` : words.neverSynced;
  at("as-of").textContent = status.to_ship ? `${fresh} · ${words.toShip} ${status.to_ship}` : fresh;
  const seen = `${status.as_of} ${status.open_todos} ${state.language}`;
  if (seen !== state.known) {
    showTodos(await ask(state.hub, inLanguage("/v1/todos")), status.open_todos);
    state.known = seen;
  }
  if (status.running && !state.job) follow(status.running);
}

function showTodos(todos, count) {
  at("todo-count").textContent = count || "";
  at("todos").replaceChildren(...todos.map(todoShown));
  if (!todos.length) at("todos").append(made("li", "none", words.nothingToDo));
}

function todoShown(todo) {
  const item = made("li");
  const head = made("strong");
  head.append(made("span", `tag ${todo.level}`, todo.severity), todo.reason);
  const where = [todo.sheet, todo.row].filter(Boolean).join(" · ");
  item.append(head, made("span", "where", where));
  if (todo.advice) item.append(made("p", "advice", todo.advice));
  return item;
}

// -- commands ---------------------------------------------------------------------------------------------------------

async function showCommands() {
  const catalogue = await ask(state.hub, inLanguage("/v1/catalogue"));
  state.commands = catalogue.commands;
  const others = state.commands.filter((command) => command.name !== "sync");
  at("commands").replaceChildren(...others.map(commandButton));
  lock(Boolean(state.job));
}

function commandButton(command) {
  const button = made("button", "", command.label);
  button.type = "button";
  button.title = command.about;
  button.addEventListener("click", () => (command.argument || command.asks ? openAsk(command, button) : begin(command.name, "")));
  return button;
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

function lock(locked) {
  for (const button of [at("sync"), ...at("commands").querySelectorAll("button")]) button.disabled = locked;
}

async function begin(command, argument) {
  if (state.job) return;
  lock(true);
  say("");
  try {
    follow(await ask(state.hub, "/v1/jobs", { command, argument }));
  } catch (trouble) {
    lock(false);
    sayTrouble(trouble);
  }
}

/** Show a job until it is over. A hub that does not answer for a moment is asked again; it may be restarting. */
async function follow(job) {
  state.job = job;
  lock(true);
  at("sync").textContent = job.command === "sync" ? words.syncing : words.sync;
  at("stop").disabled = false;
  at("job").hidden = false;
  for (let missed = 0; !["done", "failed", "cancelled"].includes(job.state); ) {
    at("step").textContent = `${job.label}: ${job.step || words.starting}`;
    at("bar").value = job.progress;
    await new Promise((wake) => setTimeout(wake, LOOK));
    try {
      job = await ask(state.hub, `/v1/jobs/${job.number}`);
      missed = 0;
    } catch (trouble) {
      missed += 1;
      if (trouble.kind !== "busy" && (trouble.kind !== "gone" || missed > 5)) return lost(trouble);
    }
  }
  over();
  say(job.answer, job.state === "failed");
  await look().catch(sayTrouble);
}

function over() {
  state.job = null;
  at("job").hidden = true;
  at("sync").textContent = words.sync;
  lock(false);
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

// -- search -----------------------------------------------------------------------------------------------------------

let typing = 0;

function searchSoon() {
  clearTimeout(typing);
  typing = setTimeout(() => search().catch(sayTrouble), TYPED);
}

async function search() {
  const query = at("query").value.trim();
  if (!query) return at("orders").replaceChildren();
  const found = await ask(state.hub, inLanguage(`/v1/orders?query=${encodeURIComponent(query)}`));
  if (at("query").value.trim() !== query) return; // typed on meanwhile
  at("orders").replaceChildren(...found.map(orderShown));
  if (!found.length) at("orders").append(made("li", "none", words.nothingFound));
}

function orderShown(order) {
  const item = made("li");
  const head = made("strong");
  head.append(made("span", "tag tell", order.stage), order.tid);
  item.append(head, made("span", "where", [order.goods, order.paid && `¥${order.paid}`].filter(Boolean).join(" · ")));
  const parcel = [order.courier, order.waybills].filter(Boolean).join(" ");
  if (parcel) item.append(made("p", "", parcel));
  if (order.problem) item.append(made("p", "advice", order.problem));
  return item;
}

/** Press a command's button, as the ribbon does. */
export function press(name) {
  const command = state.commands.find((one) => one.name === name);
  if (!state.hub) return at("address").focus();
  if (command && name !== "sync" && (command.argument || command.asks)) openAsk(command, at("sync"));
  else begin(name, "");
}

/** Where the hub is and who we are; null before somebody connected. */
export const theHub = () => state.hub;

// -- beginning --------------------------------------------------------------------------------------------------------

async function open() {
  const ready = Boolean(state.hub);
  at("connect").hidden = ready;
  for (const id of ["work", "todo", "search"]) at(id).hidden = !ready;
  if (!ready) return at("address").focus();
  try {
    await look();
    await showCommands();
  } catch (trouble) {
    sayTrouble(trouble);
  }
}

function listen() {
  at("sync").addEventListener("click", () => begin("sync", ""));
  at("stop").addEventListener("click", stop);
  at("query").addEventListener("input", searchSoon);
  at("ask-no").addEventListener("click", closeAsk);
  at("ask").addEventListener("keydown", (event) => event.key === "Escape" && closeAsk());
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = state.asking.command.name;
    const argument = at("ask-text").value.trim();
    closeAsk();
    begin(name, argument);
  });
  at("connect").addEventListener("submit", (event) => {
    event.preventDefault();
    const hub = fromText(at("address").value);
    if (!hub) return say(words.badAddress, true);
    state.hub = hub;
    at("address").value = "";
    say("");
    open();
  });
  at("language").addEventListener("click", async () => {
    speak(words === WORDS.zh ? "en" : "zh");
    closeAsk();
    if (state.hub) await Promise.all([look(), showCommands(), search()]).catch(sayTrouble);
  });
  setInterval(() => {
    if (state.hub && !state.job && !document.hidden) look().catch(sayTrouble);
  }, FRESH);
}

speak("zh");
state.language = null; // the shop's own, until somebody chooses
state.hub = fromLocation();
listen();
open();
