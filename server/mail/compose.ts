import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MailTemplate } from './factory.js';
import { MAIL_FOLDER } from './language.js';
import { escapeHtml, fill, fillHtml, fillSubject, fillText, type Values } from './template.js';

// The frame around the HTML part of every mail.
const LAYOUT = readFileSync(join(MAIL_FOLDER, 'layout.html'), 'utf8');

/** Each piece of style in the frame: for a page that shows a mail, whose rules let in what it knows. */
export const MAIL_STYLES: readonly string[] = [
  ...[...LAYOUT.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, block = '']) => block),
  ...[...LAYOUT.matchAll(/ style="([^"]*)"/g)].map(([, rule = '']) => rule),
];

export interface ComposedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A template filled and framed: what will stand in the mailbox. */
export function composeMail(template: MailTemplate, values: Values): ComposedMail {
  const subject = fillSubject(template.subject, values);
  const framed: Readonly<Record<string, string>> = {
    language: escapeHtml(template.language),
    subject: escapeHtml(subject),
    content: fillHtml(template.html, values),
    footer: fillHtml(template.footer, values),
  };
  return {
    subject,
    text: `${fillText(template.text, values)}\n\n-- \n${fillText(template.footer, values)}\n`,
    html: fill(LAYOUT, (name) => framed[name] ?? fillHtml(`{{${name}}}`, values)),
  };
}
