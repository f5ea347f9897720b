/** The shop's tables as they stand in this spreadsheet: each sheet read at most once, in one call. */

class Shop_ {
  constructor(file) {
    this.file = file;
    this.zone = file.getSpreadsheetTimeZone();
    this.zh = TABLES_.orders.en === TABLES_.orders.zh || !file.getSheetByName(TABLES_.orders.en);
    this.held = {};
  }

  /** Rows of a table by key; cells as declared. */
  rows(table) {
    if (!this.held[table]) this.held[table] = this.read(table);
    return this.held[table];
  }

  read(table) {
    const declared = TABLES_[table];
    const sheet = this.file.getSheetByName(declared.zh) || this.file.getSheetByName(declared.en);
    if (!sheet) throw notFound_(`没有“${declared.zh}”这张表:请先用表猫同步一次`, `there is no sheet ${declared.en}: sync with Biaomao first`);
    const values = sheet.getDataRange().getValues();
    const places = columnsOf_(declared, values[0] || []);
    const missing = declared.key.find((name) => !(name in places));
    if (missing) {
      const one = declared.columns[missing];
      throw notFound_(`“${declared.zh}”里找不到“${one.zh}”这一列`, `sheet ${declared.en} has no column ${one.en}`);
    }
    const rows = new Map();
    for (const line of values.slice(1)) {
      const cells = {};
      for (const name in places) cells[name] = cell_(declared.columns[name], line[places[name]], this.zone);
      const key = declared.key.map((name) => cells[name]).join('/');
      if (declared.key.every((name) => cells[name])) rows.set(key, cells);
    }
    return rows;
  }

  /** Something worked out once. */
  once(name, make) {
    if (!(name in this.held)) this.held[name] = make();
    return this.held[name];
  }

  codes() {
    return this.once('#codes', () => {
      const named = new Set(this.rows('stock').keys());
      for (const [key, row] of this.rows('products')) named.add(row.outer_id || key);
      return named;
    });
  }

  /** Rows of the waybills sheet by waybill number. */
  waybills() {
    return this.once('#waybills', () => {
      const found = new Map();
      for (const row of this.rows('waybills').values()) if (row.waybill_code) found.set(row.waybill_code, row);
      return found;
    });
  }

  shops() {
    return this.once('#shops', () => new Set(Array.from(this.rows('orders').values(), (row) => row.shop).filter(Boolean)));
  }

  /** Paid orders by shop, "" for all. */
  orderSales() {
    return this.once('#orders', () => {
      const found = { '': [] };
      for (const row of this.rows('orders').values()) {
        const at = soldAt_(row);
        if (at === null) continue;
        const one = [at, row.quantity || 0, row.paid_amount || ZERO_];
        found[''].push(one);
        if (row.shop) (found[row.shop] = found[row.shop] || []).push(one);
      }
      return summed_(found);
    });
  }

  /** Sold lines by code and shop, shop "" for all; refunded ones count no pieces. */
  codeSales() {
    return this.once('#codes sold', () => {
      const orders = this.rows('orders');
      const found = {};
      for (const line of this.rows('lines').values()) {
        const order = orders.get(line.tid || '');
        const at = order ? soldAt_(order) : null;
        if (at === null || !line.outer_id || NOT_SOLD_.includes(line.status)) continue;
        const amount = add_(line.amount || ZERO_, minus_(line.refund_amount || ZERO_));
        const one = [at, line.refund_status === 'SUCCESS' ? 0 : line.num || 0, amount];
        for (const shop of new Set(['', order.shop || ''])) {
          const key = JSON.stringify([line.outer_id, shop]);
          (found[key] = found[key] || []).push(one);
        }
      }
      return summed_(found);
    });
  }

  /** Sold and refunded lines by level, subject and shop, shop "" for all. */
  byLevel() {
    return this.once('#levels', () => {
      const orders = this.rows('orders');
      const sold = {};
      const back = {};
      for (const line of this.rows('lines').values()) {
        const order = orders.get(line.tid || '');
        const at = order ? soldAt_(order) : null;
        if (at === null || NOT_SOLD_.includes(line.status)) continue;
        const refund = line.refund_amount || ZERO_;
        const gone = line.refund_status === 'SUCCESS';
        const one = [at, gone ? 0 : line.num || 0, add_(line.amount || ZERO_, minus_(refund))];
        const shop = order.shop || '';
        for (const [level, subject] of this.subjectsOf(line, shop)) {
          for (const where of new Set(['', shop])) {
            const key = JSON.stringify([level, subject, where]);
            (sold[key] = sold[key] || []).push(one);
            if (gone) (back[key] = back[key] || []).push([at, line.num || 0, refund]);
          }
        }
      }
      return { sold: summed_(sold), back: summed_(back) };
    });
  }

  /** What a sold line counts for: its code, its item, its groups, its category, its shop. */
  subjectsOf(line, shop) {
    const code = line.outer_id || line.sku_id || line.num_iid || '';
    const product = this.rows('products').get(line.sku_id || line.num_iid || '') || (this.productsOf().get(code) || [])[0];
    const item = line.num_iid || (product && product.num_iid) || '';
    const found = [];
    if (code) found.push(['sku', code]);
    if (item) found.push(['item', item]);
    for (const name of splitWords_((product && product.groups) || '')) found.push(['group', name]);
    if (product && product.category) found.push(['category', product.category]);
    if (shop) found.push(['shop', shop]);
    return found;
  }

  /** Rows of the products sheet by stock code. */
  productsOf() {
    return this.once('#products', () => {
      const found = new Map();
      for (const [key, row] of this.rows('products')) {
        const code = row.outer_id || key;
        found.set(code, [...(found.get(code) || []), row]);
      }
      return found;
    });
  }

  /** Whether the products sheet names a subject, or anything of it ever sold. */
  isSubject(level, subject) {
    const members = this.once('#members', () => {
      const found = new Set();
      for (const [code, rows] of this.productsOf()) {
        found.add(JSON.stringify(['sku', code]));
        for (const row of rows) {
          if (row.num_iid) found.add(JSON.stringify(['item', row.num_iid]));
          if (row.category) found.add(JSON.stringify(['category', row.category]));
          for (const name of splitWords_(row.groups || '')) found.add(JSON.stringify(['group', name]));
        }
      }
      return found;
    });
    return members.has(JSON.stringify([level, subject])) || JSON.stringify([level, subject, '']) in this.byLevel().sold;
  }

  /** Orders by stage and shop in order of their making, "" for any. */
  ordersByStage() {
    return this.once('#stages', () => {
      const found = {};
      for (const row of this.rows('orders').values()) {
        if (row.created === null) continue;
        for (const stage of new Set(['', row.stage || ''])) {
          for (const shop of new Set(['', row.shop || ''])) {
            const key = JSON.stringify([stage, shop]);
            (found[key] = found[key] || []).push([row.created, 0, ZERO_]);
          }
        }
      }
      return summed_(found);
    });
  }
}

/** Where each declared column stands, by its header in either language. */
function columnsOf_(declared, headers) {
  const shown = headers.map((one) => String(one).trim());
  const places = {};
  for (const name in declared.columns) {
    const one = declared.columns[name];
    const at = shown.findIndex((text) => text === one.zh || text === one.en);
    if (at >= 0) places[name] = at;
  }
  return places;
}

/** A cell as its column holds it: text, fraction, whole number, time or a choice's name; null for none. */
function cell_(column, value, zone) {
  if (value === '' || value === null || value === undefined) return null;
  switch (column.kind) {
    case 'money':
    case 'number':
      return typeof value === 'number' || typeof value === 'string' ? fraction_(value) : null;
    case 'count': {
      const found = Number(value);
      return Number.isInteger(found) ? found : null;
    }
    case 'time':
      return moment_(value, zone);
    case 'choice':
      return nameOf_(column.choices, String(value)) || String(value);
    default:
      return String(value).trim() || null;
  }
}

/** When an order became a sale; null for one nobody paid. */
function soldAt_(order) {
  return order.pay_time === null || order.pay_time === undefined || NOT_SOLD_.includes(order.status) ? null : order.pay_time;
}

/** Each list in order of time with running sums: any period is two look-ups. */
function summed_(found) {
  const made = {};
  for (const key in found) {
    const sales = { times: [], units: [0], amounts: [ZERO_], orders: [0] };
    for (const [at, units, amount] of found[key].sort((a, b) => a[0] - b[0])) {
      sales.times.push(at);
      sales.units.push(sales.units[sales.units.length - 1] + units);
      sales.amounts.push(add_(sales.amounts[sales.amounts.length - 1], amount));
      sales.orders.push(sales.orders[sales.orders.length - 1] + 1);
    }
    made[key] = sales;
  }
  return made;
}

/** How many of the sorted times, or fractions, lie before one. */
function before_(sorted, one, compare) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle], one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pieces, money and orders from `start` up to, not including, `end`. */
function between_(sales, start, end) {
  if (!sales) return [0, ZERO_, 0];
  const earlier = (a, b) => a - b;
  const low = before_(sales.times, start, earlier);
  const high = before_(sales.times, end, earlier);
  return [
    sales.units[high] - sales.units[low],
    add_(sales.amounts[high], minus_(sales.amounts[low])),
    sales.orders[high] - sales.orders[low],
  ];
}
