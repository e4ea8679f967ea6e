import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

const FALLBACK = 'en';

/** Where the templates of mails lie: a folder for each language. */
export const MAIL_FOLDER = join(PROJECT_ROOT, 'views', 'mail');

/** The languages that there are templates for. */
export const MAIL_LANGUAGES: readonly string[] = readdirSync(MAIL_FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The language of somebody of this locale, whether or not there are templates for it. */
export function ownLanguage(locale: string): string {
  return locale.slice(0, 2).toLowerCase();
}

/** The language in which somebody of this locale gets mail: the locale's own where there are templates for it. */
export function mailLanguage(locale: string): string {
  const [language = FALLBACK] = locale.toLowerCase().split('-');
  return MAIL_LANGUAGES.includes(language) ? language : FALLBACK;
}
