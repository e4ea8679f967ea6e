import { objectIn } from '#server/lib/json-object.js';

/** A detail of a row that tells what something was, and what it is. */
export function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
}

/** How often what a row tells of happened: a row may stand for several. */
export function timesOf(details: unknown): number {
  const text = String(details);
  // Most rows stand for one: all that is in them is not read to learn that.
  const times = text.includes('"times"') ? objectIn(text)?.['times'] : 1;
  return typeof times === 'number' && Number.isSafeInteger(times) && times > 0 ? times : 1;
}
