import { DAY } from './clock.js';
import { dateFormat } from './date-format.js';

/** The millisecond at which a day (`2026-11-21`) begins in a time zone; `later` days after it. NaN where there is no such day. */
export function dayBegins(day: string, timeZone: string, later = 0): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return NaN;
  const wanted = midnight + later * DAY;
  // The zone's distance from UTC changes with the seasons, in some zones at midnight itself: the first of the two that
  // falls on the day is its beginning.
  const candidates = [wanted - distance(wanted - DAY, timeZone), wanted - distance(wanted + DAY, timeZone)];
  return Math.min(...candidates.filter((at) => localTime(at, timeZone) >= wanted));
}

/** What a clock on the wall of this zone shows: its day (`2026-11-28`), and the hour. */
export function localTimeOf(at: number, timeZone: string): { day: string; hour: number } {
  const shown = new Date(localTime(at, timeZone));
  return { day: shown.toISOString().slice(0, 10), hour: shown.getUTCHours() };
}

/**
 * The moment at which a clock on the wall of a time zone shows this, `2026-11-21T08:30`; the first where it shows it twice.
 * NaN where it never does: there is no such day, or the clocks are put forward past it.
 */
export function momentOf(minute: string, timeZone: string): number {
  const wanted = Date.parse(`${minute}:00Z`);
  if (Number.isNaN(wanted) || new Date(wanted).toISOString().slice(0, 16) !== minute) return NaN;
  const candidates = [wanted - distance(wanted - DAY, timeZone), wanted - distance(wanted + DAY, timeZone)];
  const shown = candidates.filter((at) => localTime(at, timeZone) === wanted);
  return shown.length === 0 ? NaN : Math.min(...shown);
}

/** The moment of `2026-11-21T08:30:00Z`, with seconds or without. NaN for no such day: the 30th of February is no day in March. */
export function utcMoment(text: string): number {
  return Number.isNaN(momentOf(text.slice(0, 16), 'UTC')) ? NaN : Date.parse(text);
}

/** What a clock on the wall of a time zone shows at a moment: `2026-11-21T08:30`. */
export function minuteIn(at: number, timeZone: string): string {
  return new Date(localTime(at, timeZone)).toISOString().slice(0, 16);
}

function distance(at: number, timeZone: string): number {
  return localTime(at, timeZone) - Math.floor(at / 1000) * 1000;
}

const WALL_CLOCK = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
  era: 'short',
} as const;

// What a clock on the wall of this zone shows, as if it were UTC.
function localTime(at: number, timeZone: string): number {
  const format = dateFormat('en-US', timeZone, WALL_CLOCK);
  const shown = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
