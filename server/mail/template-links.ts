import { normalised } from '#policies/text.js';
import {
  asRead,
  HIDDEN,
  PLACEHOLDER,
  unendedCharacters,
  unknownCharacters,
  type TemplatePart,
} from './template-text.js';
import { isLinkVariable } from './variables.js';

// Besides whole addresses, what mail programs make a link of: the name of a host alone, an address with a path.
const ADDRESS = new RegExp(
  [
    ':\\s*//|\\\\\\\\',
    '(?<![\\p{L}\\p{N}])(?:https?|ftps?|mailto|tel|sms|callto|xmpp|sip|javascript):(?=\\S)',
    '(?<![\\p{L}\\p{N}])(?:www|ftp)\\.(?=\\S)',
    '[\\p{L}\\p{M}\\p{N}_-]\\.(?:\\p{L}\\p{M}*){2}',
    '[a-z0-9]。[a-z]{2}',
    '\\d{1,3}(?:\\.\\d{1,3}){3}[:/]\\S',
    '\\[[0-9a-f]*:[0-9a-f:.]*\\][:/]',
  ].join('|'),
  'iu',
);
// What a value may begin and end with: together with what stands beside it, it must not become an address either.
const VALUES = ['aa', 'aa.', '.aa', '192.0.2.1', 'aa:', '/aa', 'tel'];
// Nothing but these ends an address for every mail program.
const ALONE = /^[ \t\r\n]?$/;

/** Why this part of a template could send its reader elsewhere: it holds an address, or touches one that is a variable. */
export function linkProblems(template: string, part: TemplatePart): string[] {
  const problems: string[] = [];
  if (part === 'html') {
    for (const name of new Set(unknownCharacters(template)))
      problems.push(`${name} is not known here. Write the character itself.`);
    for (const name of new Set(unendedCharacters(template)))
      problems.push(`${name} has no end. Write ${name === '&' ? '' : `${name}; or `}&amp; for the character & itself.`);
  }
  const text = asRead(template, part);
  for (const { index, 0: whole, 1: name = '' } of text.matchAll(PLACEHOLDER)) {
    const [before, after] = [text.charAt(index - 1), text.charAt(index + whole.length)];
    if (isLinkVariable(name) && !(ALONE.test(before) && ALONE.test(after)))
      problems.push(
        `Leave a space, or begin a line, before and after {{${name}}}: what touches an address is taken for a part of it.`,
      );
  }
  if (VALUES.some((value) => ADDRESS.test(filledWith(text, value))))
    problems.push(
      'Do not write addresses of web pages or of mail, nor what looks like one, such as two words with a dot and no space between. Use the variables that end in Link.',
    );
  return problems;
}

function filledWith(text: string, value: string): string {
  const filled = text.replace(PLACEHOLDER, (_whole, name: string) => (isLinkVariable(name) ? ' ' : value));
  return normalised(filled.replace(HIDDEN, ''), 'NFKC');
}
