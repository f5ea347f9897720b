/** The menu 表猫: an item ticks its command in the 命令 sheet, and the engine obeys at its next sync. */

function onOpen() {
  const shop = new Shop_(SpreadsheetApp.getActive());
  const menu = SpreadsheetApp.getUi().createMenu(shop.zh ? '表猫' : 'Biaomao');
  COMMANDS_.forEach((command) => menu.addItem(shop.zh ? command.zh : command.en, command.item));
  menu.addToUi();
}

function onInstall() {
  onOpen();
}

/** Ticks a command; asks for its argument first. Pressing again while it waits does nothing more. */
function press_(name) {
  const file = SpreadsheetApp.getActive();
  const shop = new Shop_(file);
  const command = COMMANDS_.find((one) => one.name === name);
  const argument = agreed_(command, shop, file);
  if (argument === null) return;
  const lock = LockService.getDocumentLock();
  if (!lock.tryLock(5000)) {
    say_(file, shop, command, '表格正忙,请再点一次', 'the sheet is busy: press again');
    return;
  }
  try {
    say_(file, shop, command, ...tick_(file, name, argument));
  } finally {
    lock.releaseLock();
  }
}

/** Does the tick; the sentence about it. */
function tick_(file, name, argument) {
  const declared = TABLES_.commands;
  const sheet = file.getSheetByName(declared.zh) || file.getSheetByName(declared.en);
  if (!sheet) return ['没有“命令”这张表:请先用表猫同步一次', 'there is no sheet Commands: sync with Biaomao first'];
  const values = sheet.getDataRange().getValues();
  const places = columnsOf_(declared, values[0]);
  const row = values.findIndex((line, n) => n > 0 && String(line[places.command]).trim() === name);
  if (row < 0 || places.go === undefined || places.argument === undefined) {
    return ['“命令”表里找不到这个命令:请先用表猫同步一次', 'the sheet Commands has no such row: sync with Biaomao first'];
  }
  const isTicked = (column) => isTicked_(values[row][places[column]]);
  const put = (column, value) => sheet.getRange(row + 1, places[column] + 1).setValue(value);
  if (isTicked('go') && isTicked('seen_go')) {
    put('go', '');
    return ['已清空上一次的勾:下次同步后再点一次', 'the last tick is cleared: press again after the next sync'];
  }
  if (isTicked('seen_go')) return ['上一次的勾刚清空:下次同步后再点一次', 'the last tick was just cleared: press again after the next sync'];
  if (isTicked('go')) return ['已经在等下一次同步,不用再点', 'it already waits for the next sync'];
  put('argument', argument);
  put('go', TICK_MARK_);
  return ['下次同步时执行,回答写在“命令”表里', 'it runs at the next sync, the answer stands in the sheet Commands'];
}

/** The argument, "" for none; null where the person changed their mind. */
function agreed_(command, shop, file) {
  const ui = SpreadsheetApp.getUi();
  const title = shop.zh ? command.zh : command.en;
  const asks = shop.zh ? command.asksZh : command.asksEn;
  const about = [asks, shop.zh ? command.aboutZh : command.aboutEn].filter(Boolean).join('\n');
  if (command.takes) {
    const order = selectedOrder_(file);
    const hint = order ? (shop.zh ? `\n选中的订单:${order}` : `\nSelected order: ${order}`) : '';
    const answer = ui.prompt(title, about + hint, ui.ButtonSet.OK_CANCEL);
    return answer.getSelectedButton() === ui.Button.OK ? answer.getResponseText().trim() : null;
  }
  if (!asks) return '';
  return ui.alert(title, asks, ui.ButtonSet.OK_CANCEL) === ui.Button.OK ? '' : null;
}

/** The order number of the selected row, "" where there is none. */
function selectedOrder_(file) {
  const range = file.getActiveRange();
  if (!range || range.getRow() < 2) return '';
  const sheet = range.getSheet();
  const table = tableOf_(sheet.getName());
  if (!table || !TABLES_[table].columns.tid) return '';
  const headers = sheet.getRange(1, 1, 1, sheet.getLastColumn()).getValues()[0];
  const place = columnsOf_(TABLES_[table], headers).tid;
  return place === undefined ? '' : String(sheet.getRange(range.getRow(), place + 1).getValue());
}

function say_(file, shop, command, zh, en) {
  file.toast(shop.zh ? zh : en, shop.zh ? command.zh : command.en, 8);
}

function tableOf_(sheetName) {
  return Object.keys(TABLES_).find((name) => TABLES_[name].zh === sheetName || TABLES_[name].en === sheetName);
}

/** A hint while typing: cells the engine keeps true are put back, ticks of commands wait for the next sync. */
function onEdit(event) {
  const sheet = event.range.getSheet();
  const table = tableOf_(sheet.getName());
  if (!table) return;
  const file = SpreadsheetApp.getActive();
  const zh = new Shop_(file).zh;
  const tell = (inZh, inEn) => file.toast(zh ? inZh : inEn, zh ? '表猫' : 'Biaomao', 8);
  if (event.range.getRow() === 1) {
    tell('第一行是表头,请不要改动', 'The first row holds the headers: please leave it as it is');
    return;
  }
  const headers = sheet.getRange(1, 1, 1, sheet.getLastColumn()).getValues()[0];
  const places = columnsOf_(TABLES_[table], headers);
  const first = event.range.getColumn() - 1;
  const last = first + event.range.getNumColumns();
  const touched = Object.keys(places).filter((name) => places[name] >= first && places[name] < last);
  const ours = touched.filter((name) => TABLES_[table].columns[name].ours);
  if (ours.length) {
    const column = TABLES_[table].columns[ours[0]];
    tell(`“${column.zh}”由表猫填写,下次同步时会改回`, `${column.en} is kept by Biaomao: it is put back at the next sync`);
  } else if (table === 'commands' && touched.includes('go')) {
    tell('下次同步时执行,回答写在旁边', 'It runs at the next sync, the answer stands beside it');
  }
}
