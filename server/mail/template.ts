import { PLACEHOLDER } from './template-text.js';

export type Values = Readonly<Record<string, string>>;

export const SUBJECT_MAX_CHARACTERS = 200;
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;

/** The subject: one line, whatever the values hold. */
export function fillSubject(template: string, values: Values): string {
  const line = oneLine(fill(template, (name) => valueOf(values, name)));
  return Array.from(line).slice(0, SUBJECT_MAX_CHARACTERS).join('');
}

/** The text part: values as they are, each on one line. */
export function fillText(template: string, values: Values): string {
  return fill(template, (name) => oneLine(valueOf(values, name)));
}

/** The HTML part: values escaped, for text and attributes alike. */
export function fillHtml(template: string, values: Values): string {
  return fill(template, (name) => escapeHtml(oneLine(valueOf(values, name))));
}

/** Fills a template in one pass: what a value holds is never looked at again. */
export function fill(template: string, valueFor: (name: string) => string): string {
  return template.replace(PLACEHOLDER, (_whole, name: string) => valueFor(name));
}

/** Without line breaks and control characters: what is one value stays in its place. */
function oneLine(text: string): string {
  return text.replace(CONTROLS, ' ').replace(/\s+/gu, ' ').trim();
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function valueOf(values: Values, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`The mail has no value for {{${name}}}.`);
  return value;
}
