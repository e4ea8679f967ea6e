import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { reasonOf } from '#server/lib/folder.js';

// An entry, whose value may go over several lines where it is in quotes; a comment; nothing.
const READ = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)?.*$|^[ \t]*#.*$|^[ \t]*$/gm;

/**
 * What stands in a file such as `.env`, nothing where there is none; or, in words, why it cannot be read: a line that is
 * passed over without a word is a setting that somebody believes in.
 */
export function dotEnv(file: string): NodeJS.Dict<string> | string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    return `cannot be read: ${reasonOf(error, 'read')}.`;
  }
  if (bytes.includes(0) || !isUtf8(bytes)) return 'is not in UTF-8. Save it so.';
  // Decoding takes away the mark that some editors put in front.
  const text = new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n');
  const rest = text.replace(READ, '').trim();
  return rest === '' ? parseEnv(text) : `line ${lineOf(text, rest)} cannot be read. Write it like NAME=value.`;
}

// Its number, and not what it says: that may be a secret.
function lineOf(text: string, rest: string): number {
  return text.split('\n').findIndex((line) => line.trim() === rest.split('\n')[0]?.trim()) + 1;
}
