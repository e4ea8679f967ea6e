import type { z } from 'zod';
import { counted } from '#policies/counted.js';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** What is wrong with a value, to whoever writes a program. What a schema itself has words for does not come by here. */
export function inWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `Missing. Send ${withArticle(issue.expected)}.`
        : `Send ${withArticle(issue.expected)}.`;
    case 'invalid_value':
      return `Send one of ${issue.values.map(String).join(', ')}.`;
    case 'too_small':
      return Number(issue.minimum) === 1 && issue.origin === 'string'
        ? 'Must not be empty.'
        : `Use at least ${inUnits(Number(issue.minimum), issue.origin)}.`;
    case 'too_big':
      return `Use at most ${inUnits(Number(issue.maximum), issue.origin)}.`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'This has not the form that is asked for.';
    default:
      return 'This cannot be taken.';
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'Send an id, as a list gives it.',
  datetime: 'Send a time in ISO 8601 and UTC, such as 2027-03-31T12:00:00Z.',
};

function withArticle(type: string): string {
  const name = type === 'int' ? 'whole number' : type === 'array' ? 'list' : type;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}

function inUnits(count: number, origin: string): string {
  if (origin === 'string') return counted(count, 'character');
  return origin === 'array' || origin === 'set' ? counted(count, 'entry', 'entries') : String(count);
}
