/** Calling a function from a cell: arguments read, ranges walked, errors made what a cell can show. */

/** What a cell shows instead of a value: a code of Excel's and a sentence in both languages. */
class CellError_ extends Error {
  constructor(code, zh, en) {
    super(code);
    this.code = code;
    this.zh = zh;
    this.en = en;
  }
}

function notFound_(zh, en) {
  return new CellError_('#N/A', zh, en);
}

function badValue_(zh, en) {
  return new CellError_('#VALUE!', zh, en);
}

function badNumber_(zh, en) {
  return new CellError_('#NUM!', zh, en);
}

/**
 * What one function shows. A single error is thrown, so that the cell shows #ERROR! with the sentence; among the rows
 * of a range an error is a text that begins with its code, so that one bad cell spoils no other.
 */
function call_(name, given) {
  const shop = new Shop_(SpreadsheetApp.getActive());
  const told = (error) => `${error.code} ${shop.zh ? error.zh : error.en}`;
  let result;
  try {
    result = walked_(FUNCTIONS_[name], name, Array.from(given), shop);
  } catch (error) {
    if (error instanceof CellError_) throw new Error(told(error));
    throw error;
  }
  return Array.isArray(result)
    ? result.map((row) => row.map((cell) => (cell instanceof CellError_ ? told(cell) : written_(cell))))
    : written_(result);
}

/** The result for single cells, or rows of results and errors where a range was given for single ones. */
function walked_(declared, name, given, shop) {
  const words = padded_(declared, name, given);
  const shape = shape_(declared, name, words);
  if (!shape) return once_(declared, name, words, shop);
  const rows = [];
  for (let r = 0; r < shape[0]; r++) {
    const row = [];
    for (let c = 0; c < shape[1]; c++) {
      const here = words.map((word, i) => (declared.arguments[i].takes === 'column' || !Array.isArray(word) ? word : at_(word, r, c)));
      row.push(caught_(() => once_(declared, name, here, shop)));
    }
    rows.push(row);
  }
  return rows;
}

function caught_(act) {
  try {
    return act();
  } catch (error) {
    if (error instanceof CellError_) return error;
    throw error;
  }
}

/** Arguments filled up with null. A query takes one more, which is not read: a cell whose change asks it again. */
function padded_(declared, name, given) {
  const many = declared.arguments.length;
  const needed = declared.arguments.filter((one) => !one.optional).length;
  if (given.length < needed || given.length > many + (declared.query ? 1 : 0)) {
    const wanted = needed < many ? `${needed}–${many}` : `${many}`;
    throw badValue_(`ERP_${name} 需要 ${wanted} 个参数`, `ERP_${name} takes ${wanted} arguments`);
  }
  return declared.arguments.map((_, i) => (given[i] === undefined ? null : given[i]));
}

function shape_(declared, name, words) {
  const shapes = words
    .filter((word, i) => declared.arguments[i].takes !== 'column' && Array.isArray(word))
    .map((word) => [word.length, Math.max(0, ...word.map((row) => row.length))])
    .filter((one) => one[0] !== 1 || one[1] !== 1);
  if (!shapes.length) return null;
  if (declared.gives === 'table') throw badValue_(`ERP_${name} 一次只能查一个`, `ERP_${name} looks up one at a time`);
  const height = Math.max(...shapes.map((one) => one[0]));
  const width = Math.max(...shapes.map((one) => one[1]));
  if (!height || !width || shapes.some((one) => ![1, height].includes(one[0]) || ![1, width].includes(one[1]))) {
    throw badValue_('几个区域的大小不一样', 'the ranges are of different sizes');
  }
  return [height, width];
}

function at_(rows, r, c) {
  const row = rows[rows.length > 1 ? r : 0];
  const cell = row[row.length > 1 ? c : 0];
  return cell === undefined ? null : cell;
}

function once_(declared, name, words, shop) {
  const ready = words.map((word, i) => read_(declared.arguments[i], word, shop));
  return declared.query ? ANSWERS_[name](shop, ...ready) : ANSWERS_[name](...ready);
}

function read_(argument, word, shop) {
  if (argument.takes === 'column') return column_(word, argument);
  let cell = word;
  while (Array.isArray(cell)) cell = cell[0];
  if (cell === undefined || cell === null || (typeof cell === 'string' && !cell.trim())) {
    if (argument.optional) return null;
    throw badValue_(`请填“${argument.zh}”`, `${argument.en} is missing`);
  }
  const timed = (reads) => (one, named) => reads(one, named, shop.zone);
  return { text: textOf_, number: numberOf_, count: countOf_, date: timed(momentOf_), month: timed(monthOf_) }[argument.takes](cell, argument);
}

function textOf_(cell, named) {
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number' && Number.isInteger(cell)) {
    if (Math.abs(cell) < 1e15) return String(cell);
    throw badValue_(
      `“${named.zh}”是超过 15 位的数字,末尾几位已丢失:请把那一格设为文本再填`,
      `${named.en} is a number of more than 15 digits, its last ones are lost: make that cell text`
    );
  }
  throw badValue_(`“${named.zh}”应当是文字或编号`, `${named.en} should be a text or a number without decimals`);
}

function numberOf_(cell, named) {
  const found = typeof cell === 'number' || typeof cell === 'string' ? fraction_(cell) : null;
  if (!found) throw badValue_(`“${named.zh}”应当是数字`, `${named.en} should be a number`);
  return found;
}

function countOf_(cell, named) {
  const found = numberOf_(cell, named);
  if (!isWhole_(found)) throw badValue_(`“${named.zh}”应当是整数`, `${named.en} should be a whole number`);
  return found;
}

/** A time as milliseconds of the clock on the wall: dates of the sheet, day numbers, and text. */
function momentOf_(cell, named, zone) {
  const found = moment_(cell, zone);
  if (found === null) {
    throw badValue_(`“${named.zh}”应当是日期,如 2026-11-11`, `${named.en} should be a date, for instance 2026-11-11`);
  }
  return found;
}

/** A month as 202611: typed so or as 2026-11, or any date of it. */
function monthOf_(cell, named, zone) {
  const typed = typeof cell === 'string' ? /^([0-9]{4})(?:[-/年]([0-9]{1,2})月?|([0-9]{2}))$/.exec(cell.trim()) : null;
  let [year, month] = [0, 0];
  if (typed) {
    [year, month] = [Number(typed[1]), Number(typed[2] || typed[3])];
  } else if (Number.isInteger(cell) && cell > 200000 && cell <= 299912) {
    [year, month] = [Math.floor(cell / 100), cell % 100];
  } else {
    const at = moment_(cell, zone);
    if (at !== null) [year, month] = [new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1];
  }
  if (!(year >= 2000 && year <= 2999 && month >= 1 && month <= 12)) {
    throw badValue_(`“${named.zh}”应当是月份,如 2026-11 或 202611`, `${named.en} should be a month, for instance 2026-11 or 202611`);
  }
  return year * 100 + month;
}

const DAY_ = 86400000;
const FIRST_DAY_ = -25569 * DAY_;

function moment_(cell, zone) {
  if (cell instanceof Date || Object.prototype.toString.call(cell) === '[object Date]') {
    return isNaN(cell) ? null : moment_(Utilities.formatDate(cell, zone, 'yyyy-MM-dd HH:mm:ss'), zone);
  }
  if (typeof cell === 'number') {
    return cell >= 0 && cell < 2958466 ? FIRST_DAY_ + Math.round(cell * 86400) * 1000 : null;
  }
  if (typeof cell !== 'string') return null;
  const found =
    /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$/.exec(cell.trim()) ||
    /^(\d{4})(年)(\d{1,2})月(\d{1,2})日$/.exec(cell.trim());
  if (!found) return null;
  const part = [found[1], found[3], found[4], found[5] || 0, found[6] || 0, found[7] || 0].map(Number);
  const made = new Date(Date.UTC(part[0], part[1] - 1, part[2], part[3], part[4], part[5]));
  made.setUTCFullYear(part[0]);
  const same = made.getUTCMonth() === part[1] - 1 && made.getUTCDate() === part[2] && part[3] < 24 && part[4] < 60 && part[5] < 60;
  return same && part[0] > 0 ? made.getTime() : null;
}

function column_(word, named) {
  const cells = (Array.isArray(word) ? word.flat() : [word]).filter((one) => one !== null && one !== undefined && one !== '');
  if (!cells.length) throw notFound_(`“${named.zh}”里没有数字`, `${named.en} holds no numbers`);
  return cells.map((one) => numberOf_(one, named));
}

/** A result as a cell takes it. */
function written_(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object' && !Array.isArray(value)) return float_(value);
  return value;
}

/** The name of a choice for what a cell shows, in either language or by code; null for none of them. */
function nameOf_(choices, text) {
  const wanted = text.trim().toLowerCase();
  const found = choices.find((one) => one.some((word) => word.toLowerCase() === wanted));
  return found ? found[0] : null;
}

/** What the sheet shows for a choice; the name itself for one we do not know. */
function labelOf_(choices, name, zh) {
  const found = choices.find((one) => one[0] === name);
  return found ? found[zh ? 1 : 2] : name || '';
}
