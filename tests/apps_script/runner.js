// Runs an Apps Script project in node: the files in one scope, a small stand-in for Google's services, orders as JSON.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const alive = (value) => {
  if (Array.isArray(value)) return value.map(alive);
  return value && value.$date ? new Date(value.$date.replace(' ', 'T') + 'Z') : value;
};
const log = { toasts: [], menu: [], prompts: [], writes: [], reads: 0, locks: 0 };
const answers = (asked.answers || []).slice();

class Range {
  constructor(sheet, row, column, rows = 1, columns = 1) {
    Object.assign(this, { sheet, row, column, rows, columns });
  }
  getSheet() { return this.sheet; }
  getRow() { return this.row; }
  getColumn() { return this.column; }
  getNumColumns() { return this.columns; }
  getValues() {
    return Array.from({ length: this.rows }, (_, r) =>
      Array.from({ length: this.columns }, (_, c) => this.sheet.at(this.row + r, this.column + c)));
  }
  getValue() { return this.getValues()[0][0]; }
  setValue(value) {
    if (this.rows !== 1 || this.columns !== 1) throw new Error('one cell at a time');
    log.writes.push([this.sheet.name, this.row, this.column, value]);
    this.sheet.rows[this.row - 1][this.column - 1] = value;
  }
}
class Sheet {
  constructor(name, rows) {
    this.name = name;
    const width = Math.max(0, ...rows.map((row) => row.length));
    this.rows = rows.map((row) => [...row.map((one) => (one === null ? '' : alive(one))), ...Array(width - row.length).fill('')]);
  }
  at(row, column) {
    const line = this.rows[row - 1];
    return line && line[column - 1] !== undefined ? line[column - 1] : '';
  }
  getName() { return this.name; }
  getLastColumn() { return this.rows[0].length; }
  getDataRange() {
    log.reads += 1;
    return new Range(this, 1, 1, this.rows.length, this.rows[0].length);
  }
  getRange(row, column, rows, columns) { return new Range(this, row, column, rows, columns); }
}
const sheets = Object.entries(asked.sheets).map(([name, rows]) => new Sheet(name, rows));
const named = (name) => sheets.find((one) => one.name === name) || null;
const file = {
  getSheetByName: named,
  getSpreadsheetTimeZone: () => 'Asia/Shanghai',
  getActiveRange: () => (asked.active ? new Range(named(asked.active[0]), asked.active[1], asked.active[2]) : null),
  toast: (text, title) => log.toasts.push([title, text]),
};
const Button = { OK: 'OK', CANCEL: 'CANCEL' };
const ui = {
  Button,
  ButtonSet: { OK_CANCEL: 'OK_CANCEL' },
  createMenu: (title) => {
    const menu = {
      addItem: (caption, name) => {
        log.menu.push([title, caption, name]);
        return menu;
      },
      addToUi: () => undefined,
    };
    return menu;
  },
  prompt: (title, text) => {
    log.prompts.push([title, text]);
    const typed = answers.shift();
    return { getSelectedButton: () => (typed === null ? Button.CANCEL : Button.OK), getResponseText: () => typed || '' };
  },
  alert: (title, text) => {
    log.prompts.push([title, text]);
    return answers.shift() === null ? Button.CANCEL : Button.OK;
  },
};
const scope = vm.createContext({
  SpreadsheetApp: { getActive: () => file, getUi: () => ui },
  LockService: {
    getDocumentLock: () => ({
      tryLock: () => {
        log.locks += 1;
        return !asked.locked;
      },
      releaseLock: () => (log.locks -= 1),
    }),
  },
  Utilities: {
    formatDate: (date, zone, form) => {
      if (zone !== 'Asia/Shanghai' || form !== 'yyyy-MM-dd HH:mm:ss') throw new Error(`not expected: ${zone} ${form}`);
      return date.toISOString().slice(0, 19).replace('T', ' ');
    },
  },
});
for (const name of fs.readdirSync(asked.project).filter((one) => one.endsWith('.gs')).sort()) {
  vm.runInContext(fs.readFileSync(path.join(asked.project, name), 'utf8'), scope, { filename: name });
}
const results = (asked.calls || []).map(([name, words]) => {
  try {
    if (name === 'onEdit') words = [{ range: new Range(named(words[0]), ...words.slice(1)) }];
    const found = scope[name](...words.map((one) => (one === null ? undefined : alive(one))));
    return found === undefined ? null : found;
  } catch (error) {
    return { $error: error.message };
  }
});
const rows = Object.fromEntries(sheets.map((one) => [one.name, one.rows]));
process.stdout.write(JSON.stringify({ results, log, rows: asked.show ? rows : {} }));
