import { COMMON_VARIABLES, isLinkVariable, type MailVariable } from './variables.js';

export type TemplatePart = 'subject' | 'text' | 'html';
export type Values = Readonly<Record<string, string>>;

const TEMPLATE_MAX_BYTES = 32 * 1024;
const SUBJECT_MAX_CHARACTERS = 200;

const PLACEHOLDER = /\{\{\s*([A-Za-z]+)\s*\}\}/g;
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;
// The only tags a mail may be made of. Where a link leads is always a variable, so a template can send nobody elsewhere.
const TAG =
  /<\/?(?:p|h1|h2|strong|em|br|ul|ol|li|code|hr|a)(?: class="[a-z -]*"| href="\{\{\s*[A-Za-z]+Link\s*\}\}")*\s*\/?>/g;
const WEB_ADDRESS = /:\/\/|\bwww\./i;

/** Why this cannot be (that part of) the template of a mail with these variables of its own; empty when it can. */
export function templateProblems(
  own: Readonly<Record<string, MailVariable>>,
  text: string,
  part?: TemplatePart,
): string[] {
  const problems: string[] = [];
  const allowed = { ...COMMON_VARIABLES, ...own };
  const used = new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  const rest = text.replace(PLACEHOLDER, '');
  if (Buffer.byteLength(text) > TEMPLATE_MAX_BYTES) problems.push('The template is longer than 32 kB. Shorten it.');
  for (const name of used) {
    if (!Object.hasOwn(allowed, name))
      problems.push(`There is no variable {{${name}}} here. Use one of ${Object.keys(allowed).join(', ')}.`);
  }
  if (rest.includes('{{') || rest.includes('}}'))
    problems.push('Write a variable as its name between two braces on each side, such as {{name}}.');
  if (WEB_ADDRESS.test(rest)) problems.push('Do not write addresses of web pages. Use the variables that end in Link.');
  if (part === 'subject') return [...problems, ...subjectProblems(text)];
  if (part === 'html') problems.push(...tagProblems(text));
  if (part !== undefined) {
    const missing = Object.keys(own).filter((name) => isLinkVariable(name) && !used.has(name));
    problems.push(...missing.map((name) => `The mail is of no use without {{${name}}}. Put it in.`));
  }
  return problems;
}

function subjectProblems(text: string): string[] {
  const problems: string[] = [];
  if (text.trim() === '') problems.push('Enter a subject.');
  if (/[\r\n]/.test(text.trim())) problems.push('A subject is one line.');
  if (Array.from(text).length > SUBJECT_MAX_CHARACTERS)
    problems.push(`Use at most ${SUBJECT_MAX_CHARACTERS} characters for the subject.`);
  return problems;
}

function tagProblems(html: string): string[] {
  const [wrong] = /<[^>]{0,40}>?|>/.exec(html.replace(TAG, '')) ?? [];
  if (wrong === undefined) return [];
  return [
    `${wrong} cannot be used. Use p, h1, h2, strong, em, br, ul, ol, li, code, hr, and a with href="{{…Link}}"; write &lt; and &gt; for the characters.`,
  ];
}

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
