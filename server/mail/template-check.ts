import { linkProblems } from './template-links.js';
import { tagProblems } from './template-tags.js';
import { PLACEHOLDER, type TemplatePart } from './template-text.js';
import { COMMON_VARIABLES, isLinkVariable, isRequired, type MailVariable } from './variables.js';
import { SUBJECT_MAX_CHARACTERS } from './template.js';

const TEMPLATE_MAX_BYTES = 32 * 1024;

/** Why this cannot be that part of the template of a mail with these variables of its own; empty when it can. */
export function templateProblems(
  own: Readonly<Record<string, MailVariable>>,
  text: string,
  part: TemplatePart,
): string[] {
  const problems: string[] = [];
  const allowed = { ...COMMON_VARIABLES, ...own };
  const used = new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  const rest = text.replace(PLACEHOLDER, '');
  if (Buffer.byteLength(text) > TEMPLATE_MAX_BYTES) return ['The template is longer than 32 kB. Shorten it.'];
  for (const name of used) {
    if (!Object.hasOwn(allowed, name))
      problems.push(`There is no variable {{${name}}} here. Use one of ${Object.keys(allowed).join(', ')}.`);
  }
  if (rest.includes('{{') || rest.includes('}}'))
    problems.push('Write a variable as its name between two braces on each side, such as {{name}}.');
  if (part === 'html') problems.push(...tagProblems(text));
  problems.push(...linkProblems(text, part));
  if (part === 'subject') return [...problems, ...subjectProblems(text, used)];
  const missing = Object.keys(own).filter((name) => isRequired(own, name) && !used.has(name));
  return [...problems, ...missing.map((name) => `The mail is of no use without {{${name}}}. Put it in.`)];
}

function subjectProblems(text: string, used: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  // A subject is kept and shown as it is, unlike what a mail says: a link in it would let in whoever reads the mail log.
  const link = [...used].find(isLinkVariable);
  if (link !== undefined) problems.push(`A subject holds no links. Take {{${link}}} out.`);
  if (text.trim() === '') problems.push('Enter a subject.');
  if (/[\r\n]/.test(text.trim())) problems.push('A subject is one line.');
  if (Array.from(text).length > SUBJECT_MAX_CHARACTERS)
    problems.push(`Use at most ${SUBJECT_MAX_CHARACTERS} characters for the subject.`);
  return problems;
}
