import { Invalid } from '#server/errors.js';
import { listAfter } from '#server/lib/list-after.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a form showed, as it spelt that: whoever has seen it knows what they put theirs in the place of. */
export type Seen = Fields;

/** 422: what somebody else has changed meanwhile would be overwritten by whoever has not seen it. Sent again, it counts. */
export class ChangedSince extends Invalid {
  /** What the form shows by now of these fields, for the next sending. */
  readonly shown: Fields;
  /** What is to stand in the form besides what was typed. */
  readonly values: Fields;
  constructor(now: Fields, { inWords = sayingNow, shown = now, values = {} }: Telling = {}) {
    super(
      Object.entries(now).map(([field, value]) => ({
        field,
        message: `Somebody else has changed this meanwhile: ${inWords(field, value)}. Send it again to have yours in its place.`,
      })),
    );
    this.shown = shown;
    this.values = values;
  }
}

interface Telling {
  inWords?: (field: string, value: unknown) => string;
  shown?: Fields;
  values?: Fields;
}

/**
 * Throws `ChangedSince` for each value that is to be changed and was changed otherwise since it was seen. Inside the write, so
 * that of two who save at once the second is told. Of lists see `refuseLossOf()`.
 */
export function refuseLoss(seen: Seen | undefined, now: object, wanted: object, inWords = sayingNow): void {
  if (!seen) return;
  const present = now as Fields;
  const lost = Object.entries(wanted as Fields).filter(([field, value]) => {
    const is = present[field];
    return value !== undefined && is !== value && isAnother(is, seen[field]);
  });
  if (lost.length > 0)
    throw new ChangedSince(Object.fromEntries(lost.map(([field]) => [field, present[field]])), { inWords });
}

/**
 * The same of a list, for what others have put into it meanwhile, and this would take out. What they have taken out does not come
 * back anyway, and does not stand in the form again.
 */
export function refuseLossOf(field: string, { now, was, wanted }: Lists, nameOf: (one: string) => string): void {
  const come = now.filter((one) => !was.includes(one) && !wanted.includes(one));
  if (come.length === 0) return;
  const names = come.map((one) => `“${nameOf(one)}”`).join(', ');
  throw new ChangedSince(
    { [field]: names },
    {
      inWords: () => `${names} ${come.length === 1 ? 'has' : 'have'} come to it by now`,
      shown: { [field]: now },
      values: { [field]: listAfter(now, was, wanted) },
    },
  );
}

interface Lists {
  now: readonly string[];
  was: readonly string[];
  wanted: readonly string[];
}

// A form spells a box as "on" or not at all, and all else as text.
function isAnother(is: unknown, was: unknown): boolean {
  if (typeof is === 'boolean') return is !== (was === 'on');
  return typeof was === 'string' && (typeof is === 'string' || typeof is === 'number') && String(is) !== was;
}

const LONGEST = 200;

/** How that is said of a plain value. */
export function sayingNow(_field: string, value: unknown): string {
  const text = String(value);
  if (text === '') return 'it is empty by now';
  return `it is “${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}” by now`;
}
