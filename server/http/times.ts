import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';

export interface Times {
  /** "21 Nov 2026, 14:05" in the reader's language and zone. */
  when(at: number): string;
  /** "3 hours ago"; in the future "in 3 hours". */
  ago(at: number): string;
  iso(at: number): string;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const relatives = new Map<string, Intl.RelativeTimeFormat>();
const shown = new Map<string, string>();
const MOST_SHOWN = 5000;
/** Readers choose their zone: of each kind no more formats are kept than this. */
const MOST_FORMATS = 200;

/** Times as this reader reads them. The formats of a language and zone are made once: making one is slow. */
export function timesFor(locale: string, timeZone: string, now: number): Times {
  const key = `${locale} ${timeZone}`;
  return {
    when(at) {
      const minute = Math.floor(at / MINUTE);
      return remembered(`${key} ${minute}`, () => {
        let format = formats.get(key);
        if (!format) {
          format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
            dateStyle: 'medium',
            timeStyle: 'short',
            timeZone,
          });
          keep(formats, key, format);
        }
        return format.format(at);
      });
    },
    ago(at) {
      const distance = at - now;
      const size = Math.abs(distance);
      if (size < MINUTE) return distance > 0 ? 'in a moment' : 'just now';
      if (size < HOUR) return relative(locale, distance / MINUTE, 'minute');
      if (size < DAY) return relative(locale, distance / HOUR, 'hour');
      if (size < 60 * DAY) return relative(locale, distance / DAY, 'day');
      return relative(locale, distance / (30.44 * DAY), 'month');
    },
    iso: (at) => new Date(at).toISOString(),
  };
}

function relative(locale: string, distance: number, unit: 'minute' | 'hour' | 'day' | 'month'): string {
  const whole = Math.trunc(distance);
  return remembered(`${locale} ${whole} ${unit}`, () => {
    let format = relatives.get(locale);
    if (!format) {
      format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
      keep(relatives, locale, format);
    }
    return format.format(whole, unit);
  });
}

// The same times are shown again and again, while to write one out is slow.
function remembered(key: string, write: () => string): string {
  let text = shown.get(key);
  if (text === undefined) {
    text = write();
    if (shown.size >= MOST_SHOWN) shown.clear();
    shown.set(key, text);
  }
  return text;
}

function keep<T>(among: Map<string, T>, key: string, format: T): void {
  if (among.size >= MOST_FORMATS) among.clear();
  among.set(key, format);
}
