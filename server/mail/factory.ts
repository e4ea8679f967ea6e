import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIL_EVENTS, ownVariables, type MailEvent } from './events.js';
import { MAIL_FOLDER, MAIL_LANGUAGES, mailLanguage } from './language.js';
import { templateProblems } from './template-check.js';
import type { TemplatePart } from './template-text.js';

/** The parts of one mail, and the line at its end. */
export interface MailTemplate {
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly footer: string;
}

const SUFFIXES = { subject: 'subject', text: 'txt', html: 'html' } as const satisfies Record<TemplatePart, string>;

// Read when the process starts: a mail that could not be made must stop that, not somebody's password reset.
const templates = readAll();

/** The template that Gatehouse comes with, in the language of this locale or else in English. */
export function factoryTemplate(event: MailEvent, locale: string): MailTemplate {
  const template = templates.get(`${mailLanguage(locale)}/${event}`);
  if (!template) throw new Error(`There is no mail template for ${event}.`);
  return template;
}

function readAll(): Map<string, MailTemplate> {
  const found = new Map<string, MailTemplate>();
  for (const language of MAIL_LANGUAGES) {
    const footer = readFileSync(join(MAIL_FOLDER, language, 'footer.txt'), 'utf8').trim();
    for (const event of Object.keys(MAIL_EVENTS) as MailEvent[]) {
      const read = (part: TemplatePart): string =>
        readPart(join(MAIL_FOLDER, language, `${event}.${SUFFIXES[part]}`), event, part);
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
  const problems = templateProblems(ownVariables(event), text, part);
  if (problems.length > 0) throw new Error(`${file}: ${problems.join(' ')}`);
  return text;
}
