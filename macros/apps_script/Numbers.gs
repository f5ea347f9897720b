/** Exact numbers: a fraction of two whole numbers, so that money is never a float. */

/** A number, or a text that reads as one, as a fraction; null for what is no number. */
function fraction_(value) {
  if (typeof value === 'bigint') return { n: value, d: 1n };
  if (typeof value === 'number' && !isFinite(value)) return null;
  const text = String(value).replace(/,/g, '').trim().replace(/[０-９]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 65248));
  const found = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!found || !(found[2] + found[3])) return null;
  const power = Number(found[4] || 0) - found[3].length;
  if (Math.abs(power) > 400) return null;
  const digits = BigInt(found[1] + (found[2] + found[3]));
  return power >= 0 ? { n: digits * 10n ** BigInt(power), d: 1n } : { n: digits, d: 10n ** BigInt(-power) };
}

const ZERO_ = { n: 0n, d: 1n };
const ONE_ = { n: 1n, d: 1n };
const HUNDRED_ = { n: 100n, d: 1n };

function add_(a, b) {
  if (a.d === b.d) return { n: a.n + b.n, d: a.d };
  if (a.d % b.d === 0n) return { n: a.n + b.n * (a.d / b.d), d: a.d };
  if (b.d % a.d === 0n) return { n: a.n * (b.d / a.d) + b.n, d: b.d };
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

function minus_(a) {
  return { n: -a.n, d: a.d };
}

function times_(a, b) {
  return { n: a.n * b.n, d: a.d * b.d };
}

function over_(a, b) {
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
}

/** Below 0, 0 or above 0 as a is less than, equal to or more than b. */
function compare_(a, b) {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isWhole_(a) {
  return a.n % a.d === 0n;
}

/** The next whole number below or at a / b. */
function floorDiv_(a, b) {
  const whole = a / b;
  return a % b < 0n ? whole - 1n : whole;
}

/**
 * A fraction rounded to so many places; `how` is "up" (towards the larger), "half" (half away from 0) or "even".
 * More than 28 digits are beyond what a cell is for.
 */
function rounded_(a, places, how) {
  const scale = 10n ** BigInt(places);
  const n = a.n * scale;
  let whole = floorDiv_(n, a.d);
  const twice = 2n * (n - whole * a.d);
  if (how === 'up') {
    if (twice > 0n) whole += 1n;
  } else if (twice > a.d || (twice === a.d && (how === 'half' ? n > 0n : whole % 2n !== 0n))) {
    whole += 1n;
  }
  if (String(whole).replace('-', '').length > 28) throw badNumber_(TOO_LARGE_[0], TOO_LARGE_[1]);
  return { n: whole, d: scale };
}

const TOO_LARGE_ = ['数字太大或太小,算不出来', 'the numbers are too large or too small'];

/** A fraction as a number of the sheet. */
function float_(a) {
  const whole = a.n / a.d;
  if (whole > 9007199254740991n || whole < -9007199254740991n) return Number(whole);
  let d = a.d;
  let n = a.n;
  while (d > 10n ** 300n) {
    d /= 10n;
    n /= 10n;
  }
  const rest = n % d;
  return Number(whole) + Number((rest * 10n ** 20n) / d) / 1e20;
}
