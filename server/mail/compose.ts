import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brandShades } from '#policies/brand.js';
import type { MailTemplate } from './factory.js';
import { MAIL_FOLDER } from './language.js';
import { escapeHtml, fill, fillHtml, fillSubject, fillText, type Values } from './template.js';

// The frame around the HTML part of every mail.
const LAYOUT = readFileSync(join(MAIL_FOLDER, 'layout.html'), 'utf8');

/** Each piece of style in the frame of such a colour: for a page that shows a mail, whose rules let in what it knows. */
export function mailStyles(colour: string): string[] {
  const frame = frameOf(colour);
  return [
    ...[...frame.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, block = '']) => block),
    ...[...frame.matchAll(/ style="([^"]*)"/g)].map(([, rule = '']) => rule),
  ];
}

// Mails wear what pages do: white words on it, and lighter where the reader's program is dark.
function frameOf(colour: string): string {
  const { light, dark } = brandShades(colour);
  return LAYOUT.replaceAll('{{accent}}', light.fill)
    .replaceAll('{{accentText}}', light.text)
    .replaceAll('{{darkAccentText}}', dark.text);
}

export interface ComposedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A template filled and framed, in the colour of an organisation: what will stand in the mailbox. */
export function composeMail(template: MailTemplate, values: Values, colour: string): ComposedMail {
  const subject = fillSubject(template.subject, values);
  const framed: Readonly<Record<string, string>> = {
    language: escapeHtml(template.language),
    subject: escapeHtml(subject),
    content: fillHtml(template.html, values),
    footer: fillHtml(template.footer, values),
  };
  return {
    subject,
    text: `${fillText(template.text, values)}\n\n-- \n${fillText(template.footer, values)}\n${fillText('{{portalLink}}', values)}\n`,
    html: fill(frameOf(colour), (name) => framed[name] ?? fillHtml(`{{${name}}}`, values)),
  };
}
