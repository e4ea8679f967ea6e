import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { dateFormat, distanceFormat } from '#server/lib/date-format.js';

export interface Times {
  /** "21 Nov 2026, 14:05 CET" in the reader's language and zone. */
  when(at: number): string;
  /** The same to the second: "21 Nov 2026, 14:05:09 CET". */
  exact(at: number): string;
  /** "3 hours ago"; in the future "in 3 hours". */
  ago(at: number): string;
  /** How many milliseconds ago that was; less than nothing for what is to come. A script lets it run on. */
  since(at: number): number;
  iso(at: number): string;
}

const minutes = new Map<string, readonly [string, string]>();
const distances = new Map<string, string>();
const MOST_SHOWN = 5000;

/** Times as this reader reads them. The formats of a language and zone are made once: making one is slow. */
export function timesFor(locale: string, timeZone: string, now: number): Times {
  const key = `${locale} ${timeZone}`;
  let [last, written] = [NaN, ''];
  // A time is shown in several ways, one after the other.
  const iso = (at: number): string => {
    if (at !== last) [last, written] = [at, new Date(at).toISOString()];
    return written;
  };
  return {
    when: (at) => minuteOf(key, locale, timeZone, at).join(''),
    exact: (at) => minuteOf(key, locale, timeZone, at).join(`:${iso(at).slice(17, 19)}`),
    ago(at) {
      const distance = at - now;
      const size = Math.abs(distance);
      if (size < MINUTE) return distance > 0 ? 'in a moment' : 'just now';
      if (size < HOUR) return relative(locale, distance / MINUTE, 'minute');
      if (size < DAY) return relative(locale, distance / HOUR, 'hour');
      if (size < 60 * DAY) return relative(locale, distance / DAY, 'day');
      return relative(locale, distance / (30.44 * DAY), 'month');
    },
    since: (at) => now - at,
    iso,
  };
}

/** The day alone: "21 Nov 2026". */
export function dayOf(locale: string, timeZone: string, at: number): string {
  return formatOf(locale, timeZone).format(at);
}

// A minute as it is written, in two parts between which its seconds stand: zones are whole minutes apart.
function minuteOf(key: string, locale: string, timeZone: string, at: number): readonly [string, string] {
  return remembered(minutes, `${key} ${Math.floor(at / MINUTE)}`, () => {
    const parts = formatOf(locale, timeZone, CLOCK).formatToParts(at);
    const seconds = parts.findIndex(({ type }) => type === 'minute') + 1;
    const text = (some: Intl.DateTimeFormatPart[]): string => some.map(({ value }) => value).join('');
    return [text(parts.slice(0, seconds)), text(parts.slice(seconds))];
  });
}

const CLOCK = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;

function formatOf(locale: string, timeZone: string, clock?: typeof CLOCK): Intl.DateTimeFormat {
  return dateFormat(locale, timeZone, { day: 'numeric', month: 'short', year: 'numeric', ...clock });
}

function relative(locale: string, distance: number, unit: 'minute' | 'hour' | 'day' | 'month'): string {
  const whole = Math.trunc(distance);
  return remembered(distances, `${locale} ${whole} ${unit}`, () => distanceFormat(locale).format(whole, unit));
}

// The same times are shown again and again, while to write one out is slow.
function remembered<T>(shown: Map<string, T>, key: string, write: () => T): T {
  let text = shown.get(key);
  if (text === undefined) {
    text = write();
    if (shown.size >= MOST_SHOWN) shown.clear();
    shown.set(key, text);
  }
  return text;
}
