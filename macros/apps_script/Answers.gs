/** What each function answers: from the sheets, or by the same arithmetic as the engine's (tested against it). */

const ANSWERS_ = {
  STOCK: (shop, code) => stockCell_(shop, code, 'on_hand'),

  AVAILABLE(shop, code, named) {
    if (!named) return stockCell_(shop, code, 'sellable');
    const row = shop.rows('shop_stock').get(`${code}/${named}`);
    if (!row || row.wanted === null || row.wanted === undefined) {
      throw notFound_(`店铺库存里没有 ${code} 在 ${named} 的数`, `there is no figure of ${code} in ${named}`);
    }
    return row.wanted;
  },

  RESERVED: (shop, code) => stockCell_(shop, code, 'reserved'),

  FORECAST(shop, code, days) {
    if (days !== null && (compare_(days, ONE_) < 0 || compare_(days, fraction_(MOST_DAYS_)) > 0)) {
      throw badNumber_(`天数填 1 到 ${MOST_DAYS_}`, `days is a number from 1 to ${MOST_DAYS_}`);
    }
    return rounded_(times_(proposal_(shop, code, 'daily'), days === null ? fraction_(28) : days), 2, 'even');
  },

  REORDER: (shop, code) => proposal_(shop, code, 'suggest'),

  SALES(shop, measure, start, end, code, named, by) {
    const name = nameOf_(MEASURES_, measure);
    if (!name) throw badValue_('第一个参数填 金额、件数 或 订单数', 'the first argument is amount, units or orders');
    if (by && code === null) throw badValue_('“按什么”要和编码一起填', 'a level needs a code');
    const where = knownShop_(shop, named);
    const sales =
      code === null ? shop.orderSales()[where] : shop.byLevel().sold[JSON.stringify([level_(shop, code, by), code, where])];
    const [units, amount, orders] = between_(sales, start, after_(end));
    return name === 'amount' ? amount : name === 'units' ? units : orders;
  },

  RETURNRATE(shop, start, end, code, named, by) {
    const level = level_(shop, code, by);
    const key = JSON.stringify([level, code, knownShop_(shop, named)]);
    const sold = between_(shop.byLevel().sold[key], start, after_(end))[0];
    const back = between_(shop.byLevel().back[key], start, after_(end))[0];
    if (sold + back <= 0) throw badNumber_(`${code} 这段时间没有卖过`, `${code} did not sell in this time`);
    return rounded_(over_(times_(fraction_(back), HUNDRED_), fraction_(sold + back)), 1, 'even');
  },

  COST(shop, code, warehouse) {
    const rows = balances_(shop, code, warehouse);
    const pieces = rows.reduce((sum, row) => sum + (row.on_hand || 0), 0);
    if (pieces <= 0) throw notFound_(`${code} 现在没有货,没有成本`, `none of ${code} is on hand, so there is no cost`);
    const value = rows.reduce((sum, row) => add_(sum, row.value || ZERO_), ZERO_);
    return rounded_(over_(value, fraction_(pieces)), 4, 'even');
  },

  INTRANSIT: (shop, code, warehouse) => balances_(shop, code, warehouse).reduce((sum, row) => sum + (row.in_transit || 0), 0),

  TURNOVER(shop, code, start, end) {
    if (!shop.codes().has(code)) throw unknownCode_(code);
    let [opening, closing, sold] = [ZERO_, ZERO_, ZERO_];
    for (const row of shop.rows('moves').values()) {
      if (row.stock_code !== code || !row.stock_value || isTicked_(row.defective)) continue;
      if (row.at === null || row.at === undefined || row.at >= after_(end)) continue;
      closing = add_(closing, row.stock_value);
      if (row.at < start) opening = add_(opening, row.stock_value);
      else sold = add_(sold, row.sold || ZERO_);
    }
    const held = add_(opening, closing);
    if (compare_(held, ZERO_) <= 0) throw badNumber_(`${code} 这段时间没有库存金额`, `${code} had no stock value in this time`);
    return rounded_(over_(times_(sold, fraction_(2)), held), 2, 'even');
  },

  ORDERS(shop, start, end, stage, named) {
    const name = stage ? nameOf_(STAGES_, stage) : '';
    if (name === null) {
      throw badValue_(
        `处理状态只能是:${STAGES_.map((one) => one[1]).join('、')}`,
        `stage is one of ${STAGES_.map((one) => one[2]).join(', ')}`
      );
    }
    return between_(shop.ordersByStage()[JSON.stringify([name, knownShop_(shop, named)])], start, after_(end))[2];
  },

  PARCELS(shop, measure, start, end, courier, province) {
    const name = nameOf_(PARCEL_MEASURES_, measure);
    if (name === null) {
      throw badValue_(
        `第一个参数只能是:${PARCEL_MEASURES_.map((one) => one[1]).join('、')}`,
        `the first argument is one of ${PARCEL_MEASURES_.map((one) => one[2]).join(', ')}`
      );
    }
    const code = courier ? nameOf_(COURIERS_, courier) : '';
    if (code === null) throw notFound_(`没有快递 ${courier}`, `there is no courier ${courier}`);
    const own = sentParcels_(shop).filter(
      (one) => start <= one.at && one.at < after_(end) && (!code || one.courier === code) && (!province || one.province === province)
    );
    const value = serviceOf_(own)[name];
    if (value === null) throw badNumber_('这段时间没有可以算的包裹', 'no parcel of this time has what it takes');
    return value;
  },

  ORDERSTATUS: (shop, tid) => labelOf_(STAGES_, order_(shop, tid).stage, shop.zh),
  WAYBILL: (shop, tid) => order_(shop, tid).waybill_codes || '',

  WAYBILLSTATE(shop, code) {
    const row = shop.waybills().get(code);
    if (!row) throw notFound_(`没有运单 ${code}`, `there is no waybill ${code}`);
    return labelOf_(WAYBILL_STATES_, row.state, shop.zh);
  },

  COURIER(shop, tid) {
    const row = order_(shop, tid);
    return [[labelOf_(COURIERS_, row.courier, shop.zh), row.courier_why || '']];
  },

  ACCOUNT(shop, code, month, figure) {
    const name = figure ? nameOf_(FIGURES_, figure) : 'closing';
    if (name === null) {
      throw badValue_(
        `第三个参数只能是:${FIGURES_.map((one) => one[1]).join('、')}`,
        `the third argument is one of ${FIGURES_.map((one) => one[2]).join(', ')}`
      );
    }
    const posted = posted_(shop).get(code);
    if (!posted) {
      if (!shop.rows('account_sums').size) throw noBooks_();
      if (!accountNames_(shop).has(code)) throw notFound_(`没有科目 ${code}`, `there is no account ${code}`);
      return ZERO_;
    }
    if (name === 'debit' || name === 'credit') return (posted.get(month) || { debit: ZERO_, credit: ZERO_ })[name];
    const upto = name === 'closing' ? month : month - 1;
    return [...posted].reduce((sum, [at, one]) => (at <= upto ? add_(sum, add_(one.debit, minus_(one.credit))) : sum), ZERO_);
  },

  VOUCHER(shop, number) {
    const length = (row) => (row.line || '').length;
    const rows = [...shop.rows('postings').values()]
      .filter((row) => row.voucher === number && !row.problem)
      .sort((a, b) => length(a) - length(b) || (a.line < b.line ? -1 : 1));
    if (!rows.length) throw noVoucher_(shop, number);
    const names = accountNames_(shop);
    return rows.map((row) => [
      serial_(row.on), row.account || '', names.get(row.account) || '', row.memo || '', filled_(row.debit), filled_(row.credit),
    ]);
  },

  BILLED(shop, tid) {
    const rows = [...shop.rows('bills')]
      .filter(([, row]) => row.tid === tid)
      .sort((a, b) => (a[1].at || 0) - (b[1].at || 0) || (a[0] < b[0] ? -1 : 1))
      .map(([, row]) => row);
    if ([...shop.rows('periods').values()].some((row) => row.bill_archive)) {
      const matched = (shop.rows('matches').get(tid) || {}).rows || 0;
      if (matched > rows.length) {
        throw notFound_(
          `订单 ${tid} 有 ${matched} 行账单,这里只查得到 ${rows.length} 行,别的已归档或要等归档文件找回来`,
          `order ${tid} has ${matched} bill rows, ${rows.length} of them are here, the others were archived or wait for an archive to be found`
        );
      }
    }
    if (!rows.length) throw notFound_(`支付宝账单里没有订单 ${tid} 的行`, `there are no bill rows of order ${tid}`);
    return rows.map((row) => [
      serial_(row.at), labelOf_(ITEMS_, row.item, shop.zh), filled_(row.income), filled_(row.outgo), row.log_id || '',
    ]);
  },

  FREIGHT(shop, province, weight, courier, city, warehouse) {
    if (compare_(weight, ZERO_) <= 0) throw badValue_('重量要大于 0', 'the weight must be above 0');
    const name = courier ? nameOf_(COURIERS_, courier) : null;
    if (courier && !name) throw notFound_(`没有快递 ${courier}`, `there is no courier ${courier}`);
    const rates = ratesFrom_(shop.once('#rates', () => rates_(shop)), warehouse_(shop, warehouse));
    const names = name ? [name] : Array.from(new Set(rates.map((rate) => rate.courier))).sort();
    const prices = names.map((one) => price_(rates, one, province, city || '', weight)).filter(Boolean);
    if (!prices.length) {
      throw notFound_(`运费表里没有 ${province} ${float_(weight)}kg 的价格`, `the freight table has no price for ${province}, ${float_(weight)} kg`);
    }
    return prices.reduce((best, one) => (compare_(one, best) < 0 ? one : best));
  },

  ASOF(shop) {
    const times = Array.from(shop.rows('log').values(), (row) => row.at).filter((at) => at !== null && at !== undefined);
    if (!times.length) throw notFound_('还没有同步过', 'not synced yet');
    return serial_(times.reduce((a, b) => (a > b ? a : b)));
  },

  VOLUMEKG(volume, ratio) {
    if (compare_(ratio, ZERO_) <= 0) throw badNumber_('抛比要大于 0', 'the volume ratio must be above 0');
    return over_(volume, ratio);
  },

  CHARGEDKG: (weight, volume) => charged_(weight, volume || ZERO_),
  ONHAND: (counted, shipped, returned) => add_(add_(counted, minus_(shipped)), returned),

  SELLABLE(there, reserved, safety) {
    const offer = add_(add_(there, minus_(reserved)), minus_(safety));
    return compare_(offer, ZERO_) > 0 ? offer : ZERO_;
  },

  SAFETYSTOCK(deviation, lead, service, mean, leadDeviation) {
    const level = float_(compare_(service, ONE_) > 0 ? over_(service, HUNDRED_) : service);
    if (!(level > 0 && level < 1)) {
      throw badNumber_('服务水平要在 0 和 1 之间,如 0.95', 'the service level lies between 0 and 1, for instance 0.95');
    }
    if ([deviation, lead, leadDeviation || ZERO_].some((one) => compare_(one, ZERO_) < 0)) {
      throw badNumber_('标准差和天数不能是负数', 'deviations and days cannot be negative');
    }
    if (leadDeviation && leadDeviation.n !== 0n && mean === null) {
      throw badNumber_('填了交期标准差,就要填日均销量', 'with a deviation of the lead time the daily mean is needed');
    }
    const spread = float_(lead) * float_(deviation) ** 2 + float_(mean || ZERO_) ** 2 * float_(leadDeviation || ZERO_) ** 2;
    const pieces = fraction_(quantile_(level) * Math.sqrt(spread));
    if (!pieces) throw badNumber_(TOO_LARGE_[0], TOO_LARGE_[1]);
    const whole = pieces_(pieces);
    return compare_(whole, ZERO_) > 0 ? whole : ZERO_;
  },

  REORDERPOINT(mean, lead, safety) {
    if (compare_(mean, ZERO_) < 0 || compare_(lead, ZERO_) < 0) throw badNumber_('销量和天数不能是负数', 'demand and days cannot be negative');
    return pieces_(add_(times_(mean, lead), safety));
  },

  DAYSOFSTOCK(pieces, mean) {
    if (compare_(mean, ZERO_) <= 0) throw badNumber_('日均销量要大于 0', 'the daily mean must be above 0');
    return rounded_(over_(compare_(pieces, ZERO_) > 0 ? pieces : ZERO_, mean), 1, 'even');
  },

  VAT(gross, payer, at, percent) {
    const rate = percent !== null ? percent : vatRate_(payer, at);
    if (compare_(rate, ZERO_) < 0) throw badValue_('税率不能是负数', 'the rate cannot be negative');
    const net = rounded_(over_(gross, add_(ONE_, over_(rate, HUNDRED_))), 2, 'half');
    return add_(rounded_(gross, 2, 'half'), minus_(net));
  },

  RFM(days, counts, amounts) {
    if (days.length !== counts.length || days.length !== amounts.length) throw badValue_('三列的行数不一样', 'the three columns differ in length');
    const scores = [days.map(minus_), counts, amounts].map(fifths_);
    return days.map((_, i) => [scores.map((one) => one[i]).join('')]);
  },
};

function stockCell_(shop, code, column) {
  const row = shop.rows('stock').get(code);
  if (!row) throw unknownCode_(code);
  if (row[column] === null || row[column] === undefined) {
    throw notFound_(`${code} 还没有盘点,没有数字`, `${code} was not counted yet: there is no figure`);
  }
  return row[column];
}

function proposal_(shop, code, column) {
  const row = shop.rows('proposals').get(code);
  if (!row) throw unknownCode_(code);
  if (row[column] === null || row[column] === undefined) throw notFound_(`${code} 没有补货建议`, `there is no proposal for ${code}`);
  return row[column];
}

/** The level a code is of, checked: nobody gets 0 for a slip of the pen. */
function level_(shop, code, by) {
  const level = by ? nameOf_(LEVELS_, by) : 'sku';
  if (!level) {
    throw badValue_(`“按什么”只能是:${LEVELS_.map((one) => one[1]).join('、')}`, `the level is one of ${LEVELS_.map((one) => one[2]).join(', ')}`);
  }
  if ((level === 'sku' && shop.codes().has(code)) || shop.isSubject(level, code)) return level;
  throw level === 'sku' ? unknownCode_(code) : notFound_(`没有“${code}”`, `there is no ${code}`);
}

function balances_(shop, code, warehouse) {
  if (!shop.codes().has(code)) throw unknownCode_(code);
  const names = warehouse ? warehouse_(shop, warehouse) : null;
  return Array.from(shop.rows('balances').values()).filter(
    (row) => row.stock_code === code && (!names || names.includes(row.warehouse))
  );
}

function isTicked_(cell) {
  return TICK_WORDS_.includes(String(cell || '').trim().toLowerCase());
}

function unknownCode_(code) {
  return notFound_(`没有商家编码 ${code}`, `there is no merchant code ${code}`);
}

function knownShop_(shop, named) {
  if (named && !shop.shops().has(named)) throw notFound_(`没有店铺 ${named}`, `there is no shop ${named}`);
  return named || '';
}

/** The first moment after a period: a date without a time means the whole day. */
function after_(end) {
  return end % DAY_ === 0 ? end + DAY_ : end + 1000;
}

function order_(shop, tid) {
  const row = shop.rows('orders').get(tid);
  if (!row) throw notFound_(`没有订单 ${tid}`, `there is no order ${tid}`);
  return row;
}

/** What the sheet of sums says by account, each with what stands below it: debit and credit by month. */
function posted_(shop) {
  return shop.once('#posted', () => {
    const found = new Map();
    for (const row of shop.rows('account_sums').values()) {
      if (!row.period || !row.account) continue;
      const parts = row.account.split('.');
      for (let many = parts.length; many > 0; many--) {
        const code = parts.slice(0, many).join('.');
        if (!found.has(code)) found.set(code, new Map());
        const { debit, credit } = found.get(code).get(row.period) || { debit: ZERO_, credit: ZERO_ };
        found.get(code).set(row.period, { debit: add_(debit, row.debit || ZERO_), credit: add_(credit, row.credit || ZERO_) });
      }
    }
    return found;
  });
}

/** Names of the accounts as they are called today; rows with something wrong are none. */
function accountNames_(shop) {
  return shop.once('#accounts', () => {
    const rows = [...shop.rows('accounts').values()].filter((row) => row.code && !row.problem);
    return new Map(rows.map((row) => [row.code, row.name || '']));
  });
}

function noBooks_() {
  return notFound_('还没有入过账:请在“设置”里打开“自动记账”,再同步一次', 'nothing was posted yet: switch on Keep the books in the settings and sync');
}

/** There is no such voucher, or its rows are in a file that cannot be read here: a month counts no vouchers where nobody has them. */
function noVoucher_(shop, number) {
  if (!shop.rows('account_sums').size) return noBooks_();
  const found = /^([^-]*)-([0-9]+)$/.exec(number);
  const { archive, vouchers } = (found && shop.rows('periods').get(found[1])) || {};
  if (archive && Number(found[2]) >= 1 && (!vouchers || Number(found[2]) <= vouchers)) {
    return notFound_(`凭证 ${number} 已归档到 ${archive},这里查不到`, `voucher ${number} was archived in ${archive} and cannot be read here`);
  }
  return notFound_(`没有凭证 ${number}`, `there is no voucher ${number}`);
}

/** A time as the day number of the sheet; empty for none. */
function serial_(at) {
  return at === null || at === undefined ? '' : (at - FIRST_DAY_) / DAY_;
}

/** An amount, empty where there is none. */
function filled_(amount) {
  return amount && amount.n !== 0n ? amount : '';
}

/** Every parcel that left; one that several orders share is one. */
function sentParcels_(shop) {
  return shop.once('#sent', () => {
    const orders = shop.rows('orders');
    const parts = new Map();
    for (const [key, row] of shop.rows('waybills')) {
      if (row.state !== 'shipped' || row.shipped_at === null || row.shipped_at === undefined) continue;
      const host = (row.joined || key).split(/\s+/)[0];
      if (!parts.has(host)) parts.set(host, []);
      parts.get(host).push(row);
    }
    return [...parts.values()].map((own) => {
      const first = (name) => own.map((row) => row[name]).filter((at) => at !== null && at !== undefined).sort((a, b) => a - b)[0];
      const sum = (name) => own.reduce((total, row) => add_(total, row[name] || ZERO_), ZERO_);
      return {
        courier: own[0].cp_code || '',
        province: (orders.get(own[0].tid) || {}).province || '',
        at: first('shipped_at'),
        picked: first('picked_at'),
        signed: first('signed_at'),
        trouble: own.some((row) => row.track_key),
        freight: own.some((row) => row.freight) ? sum('freight') : null,
        weight: sum('weight_kg'),
      };
    });
  });
}

/** The figures of these parcels. */
function serviceOf_(own) {
  const mean = (name, unit) => {
    const spans = own.filter((one) => one[name] !== undefined).map((one) => Math.max(0, one[name] - one.at));
    if (!spans.length) return null;
    const total = spans.reduce((sum, span) => sum + span, 0);
    return rounded_(over_(fraction_(total), fraction_(spans.length * unit)), 1, 'even');
  };
  const priced = own.filter((one) => one.freight !== null);
  const freight = priced.reduce((sum, one) => add_(sum, one.freight), ZERO_);
  const weight = priced.reduce((sum, one) => add_(sum, one.weight), ZERO_);
  const problems = own.filter((one) => one.trouble).length;
  return {
    parcels: own.length,
    picked: own.filter((one) => one.picked !== undefined).length,
    pickup_hours: mean('picked', 3600000),
    signed: own.filter((one) => one.signed !== undefined).length,
    sign_days: mean('signed', DAY_),
    problems: problems,
    problem_rate: own.length ? rounded_(over_(fraction_(problems * 100), fraction_(own.length)), 1, 'even') : null,
    freight: freight,
    freight_each: priced.length ? rounded_(over_(freight, fraction_(priced.length)), 2, 'even') : null,
    freight_kg: compare_(weight, ZERO_) > 0 ? rounded_(over_(freight, weight), 2, 'even') : null,
  };
}

/** Usable rows of the freight table. */
function rates_(shop) {
  const rates = [];
  for (const row of shop.rows('freight').values()) {
    const numbers = ['weight_from', 'weight_to', 'first_kg', 'first_price', 'step_kg', 'step_price', 'volume_ratio'].map((name) => row[name]);
    const [from, to, firstKg, firstPrice, stepKg, stepPrice, ratio] = numbers.map((one) => one || null);
    if (row.enabled === 'no' || !row.courier || !row.provinces || !firstPrice) continue;
    if (numbers.some((one) => one && compare_(one, ZERO_) < 0) || (to && compare_(from || ZERO_, to) >= 0)) continue;
    if ([stepKg, ratio].some((one) => one && one.n === 0n)) continue;
    const words = splitWords_(row.provinces);
    rates.push({
      courier: row.courier,
      warehouse: row.warehouse || '',
      provinces: words.filter((word) => !OTHER_WORDS_.includes(word.toLowerCase())),
      cities: splitWords_(row.cities || ''),
      other: words.some((word) => OTHER_WORDS_.includes(word.toLowerCase())),
      from: from || ZERO_,
      to,
      firstKg,
      firstPrice,
      stepKg,
      stepPrice,
    });
  }
  return rates;
}

/** The rates for parcels of one warehouse, known by these names: a courier's own rows for it, else its rows for any. */
function ratesFrom_(rates, names) {
  const own = new Set(rates.filter((rate) => rate.warehouse && names.includes(rate.warehouse)).map((rate) => rate.courier));
  return rates.filter((rate) => (rate.warehouse ? names.includes(rate.warehouse) : !own.has(rate.courier)));
}

/** The id and name of a warehouse, known by either; of the first one where none is named. */
function warehouse_(shop, typed) {
  const known = Array.from(shop.rows('warehouses'), ([key, row]) => [key, row.name || '']);
  const wanted = (typed || '').trim() || (known.length ? known[0][0] : '');
  const found = known.find((names) => wanted && names.includes(wanted));
  if (!found && typed) throw notFound_(`没有仓库 ${typed}`, `there is no warehouse ${typed}`);
  return (found || []).filter(Boolean);
}

function splitWords_(text) {
  return text.split(/[,\uFF0C;\uFF1B/\n\t \u3000\u3001]/).filter(Boolean);
}

function shortPlace_(name) {
  const plain = name.trim();
  const ending = PLACE_ENDINGS_.find((one) => plain.endsWith(one) && plain.length - one.length >= 2);
  return ending ? plain.slice(0, -ending.length) : plain;
}

function samePlace_(left, right) {
  return left !== '' && shortPlace_(left) === shortPlace_(right);
}

/** One courier's price: rows for the city, then for the province, then for areas nobody named. */
function price_(rates, courier, province, city, weight) {
  const own = rates.filter((rate) => rate.courier === courier);
  const near = own.filter((rate) => rate.provinces.some((name) => samePlace_(name, province)));
  const forCity = near.filter((rate) => rate.cities.some((name) => samePlace_(name, city)));
  const forProvince = near.filter((rate) => !rate.cities.length);
  const rest = forCity.length || forProvince.length ? [] : own.filter((rate) => rate.other && !rate.cities.length);
  const candidates = [...forCity, ...forProvince, ...rest];
  if (!candidates.length) return null;
  const kg = charged_(weight, ZERO_);
  const fits = (rate) => (rate.from.n === 0n || compare_(rate.from, kg) < 0) && (!rate.to || compare_(kg, rate.to) <= 0);
  const rate = candidates.find(fits);
  if (!rate) return null;
  if (!rate.stepPrice || !rate.firstKg || compare_(kg, rate.firstKg) <= 0) return rounded_(rate.firstPrice, 2, 'half');
  const steps = rounded_(over_(add_(kg, minus_(rate.firstKg)), rate.stepKg || ONE_), 0, 'up');
  return rounded_(add_(rate.firstPrice, times_(steps, rate.stepPrice)), 2, 'half');
}

function charged_(weight, volume) {
  return rounded_(compare_(weight, volume) > 0 ? weight : volume, 3, 'up');
}

/** Whole pieces; what is left of a float's noise does not make one more. */
function pieces_(number) {
  return rounded_(rounded_(number, 6, 'even'), 0, 'up');
}

function vatRate_(payer, at) {
  const name = nameOf_(PAYERS_, payer);
  if (!name) throw badValue_('纳税人填 一般纳税人、一般纳税人9%、一般纳税人6% 或 小规模', 'the payer is general, general 9%, general 6% or small-scale');
  const day = new Date(at).toISOString().slice(0, 10);
  const found = VAT_RATES_.find((rate) => rate.payer === name && rate.start <= day && (!rate.end || day <= rate.end));
  if (!found) throw notFound_(`税率表没有 ${day} 的税率,请在第四个参数写明`, `no rate is known for ${day}: give it as the fourth argument`);
  return fraction_(found.percent);
}

function fifths_(values) {
  const ranked = values.slice().sort(compare_);
  return values.map((one) => 1 + Math.floor((before_(ranked, one, compare_) * 5) / ranked.length));
}

/** The standard normal quantile of a level between 0 and 1, by halving. */
function quantile_(level) {
  if (level === 0.5) return 0;
  const tail = Math.min(level, 1 - level);
  let low = 0;
  let high = 40;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (upperTail_(middle) > tail) low = middle;
    else high = middle;
  }
  return level < 0.5 ? -low : low;
}

/** How much of the standard normal lies above x, x not negative: a series near 0, a continued fraction far out. */
function upperTail_(x) {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 3) {
    let rest = 0;
    for (let k = 160; k > 0; k--) rest = k / (x + rest);
    return density / (x + rest);
  }
  let term = x;
  let sum = x;
  for (let k = 3; k < 200; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}
