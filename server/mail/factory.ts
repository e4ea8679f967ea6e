import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { MAIL_EVENTS, type MailEvent } from './events.js';
import { templateProblems, type TemplatePart } from './template.js';

/** The parts of one mail, and the line at its end. */
export interface MailTemplate {
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly footer: string;
}

const FALLBACK = 'en';
const SUFFIXES = { subject: 'subject', text: 'txt', html: 'html' } as const satisfies Record<TemplatePart, string>;

const folder = join(PROJECT_ROOT, 'views', 'mail');

/** The frame around the HTML part of every mail. */
export const LAYOUT = readFileSync(join(folder, 'layout.html'), 'utf8');

// Read when the process starts: a mail that could not be made must stop that, not somebody's password reset.
const templates = readAll();

/** The template that Gatehouse comes with, in the language of this locale or else in English. */
export function factoryTemplate(event: MailEvent, locale: string): MailTemplate {
  const template = templates.get(`${mailLanguage(locale)}/${event}`);
  if (!template) throw new Error(`There is no mail template for ${event}.`);
  return template;
}

/** The language in which somebody of this locale gets mail: the locale's own where there are templates for it. */
export function mailLanguage(locale: string): string {
  const [language = FALLBACK] = locale.toLowerCase().split('-');
  return templates.has(`${language}/invitation`) ? language : FALLBACK;
}

function readAll(): Map<string, MailTemplate> {
  const found = new Map<string, MailTemplate>();
  const languages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: language } of languages) {
    const footer = readFileSync(join(folder, language, 'footer.txt'), 'utf8').trim();
    for (const event of Object.keys(MAIL_EVENTS) as MailEvent[]) {
      const read = (part: TemplatePart): string =>
        readPart(join(folder, language, `${event}.${SUFFIXES[part]}`), event, part);
      found.set(`${language}/${event}`, {
        language,
        subject: read('subject'),
        text: read('text'),
        html: read('html'),
        footer,
      });
    }
  }
  return found;
}

function readPart(file: string, event: MailEvent, part: TemplatePart): string {
  const text = readFileSync(file, 'utf8').trim();
  const problems = templateProblems(event, text, part);
  if (problems.length > 0) throw new Error(`${file}: ${problems.join(' ')}`);
  return text;
}
