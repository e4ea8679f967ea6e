type Format = Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.NumberFormat;

/** Readers choose their zone: no more formats are kept than this. */
const MOST_KEPT = 400;
const kept = new Map<string, Format>();

/**
 * How times are written in a language and a zone; in English or in UTC where this engine does not know the one or the other:
 * zones come and go with its releases, and a name that was kept must not keep anybody from a page.
 */
export function dateFormat(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return keptFormat(`at ${locale} ${timeZone} ${JSON.stringify(options)}`, () => {
    const language = isLanguage(locale) ? locale : 'en';
    const all = { ...options, timeZone: isZone(timeZone) ? timeZone : 'UTC' };
    return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, all);
  });
}

/** How distances in time are said in a language, or in English. */
export function distanceFormat(locale: string): Intl.RelativeTimeFormat {
  const make = () => new Intl.RelativeTimeFormat(isLanguage(locale) ? locale : 'en', { numeric: 'auto' });
  return keptFormat(`ago ${locale}`, make);
}

/** How a length of time is said in a language that this engine knows, in this unit. */
export function lengthFormat(language: string, unit: 'day' | 'hour' | 'minute'): Intl.NumberFormat {
  const make = () => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  return keptFormat(`for ${language} ${unit}`, make);
}

// To make one takes as long as a dozen reads of the database, and those of a portal are few.
function keptFormat<F extends Format>(key: string, make: () => F): F {
  let format = kept.get(key) as F | undefined;
  if (!format) {
    format = make();
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, format);
  }
  return format;
}

function isLanguage(locale: string): boolean {
  return made(() => Intl.DateTimeFormat.supportedLocalesOf(locale))?.length === 1;
}

function isZone(timeZone: string): boolean {
  return made(() => new Intl.DateTimeFormat('en', { timeZone })) !== null;
}

function made<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
