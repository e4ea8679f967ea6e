/**
 * How times are written in a language and a zone; in English or in UTC where this engine does not know the one or the other:
 * zones come and go with its releases, and a name that was kept must not keep anybody from a page.
 */
export function dateFormat(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const language = isLanguage(locale) ? locale : 'en';
  const all = { ...options, timeZone: isZone(timeZone) ? timeZone : 'UTC' };
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, all);
}

/** How distances in time are said in a language, or in English. */
export function distanceFormat(locale: string): Intl.RelativeTimeFormat {
  return new Intl.RelativeTimeFormat(isLanguage(locale) ? locale : 'en', { numeric: 'auto' });
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
