import type { z } from 'zod';
import { Invalid, type FieldError } from '#server/errors.js';

const MOST_ERRORS = 20;

/** Reads a query or a body by its schema; throws `Invalid` with every field that is wrong, by its path: `tokens.3`. */
export function readInput<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given, { error: inWords });
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const issue of parsed.error.issues) {
    const path = issue.path.map(String);
    const wrong = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    const message = issue.code === 'unrecognized_keys' ? 'There is no such field here. Leave it out.' : issue.message;
    for (const one of wrong) {
      const field = one.join('.').slice(0, 200);
      if (!errors.has(field)) errors.set(field, { field, message });
    }
  }
  throw new Invalid([...errors.values()].slice(0, MOST_ERRORS));
}

type Issue = Parameters<z.core.$ZodErrorMap>[0];

// What the schema itself has words for does not come by here.
function inWords(issue: Issue): string {
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
        : `Use at least ${issue.minimum}${unitOf(issue.origin)}.`;
    case 'too_big':
      return `Use at most ${issue.maximum}${unitOf(issue.origin)}.`;
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

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' entries' : '';
}
