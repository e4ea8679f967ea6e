import type { CheckupItem, Urgency } from '#policies/checkup.js';
import { DAY } from '#server/lib/clock.js';

/** For how long *Not now* hides something. */
export const PUT_OFF_FOR = 30 * DAY;
/** A credential or a password that ends within this ends soon. */
export const SOON = 14 * DAY;
/** What nobody has used for so long, nobody seems to need. */
export const UNUSED_FOR = 90 * DAY;
/** Past so many, only that there are more. */
export const COUNTED = 1000;

/** One thing that should be done about an account or an organisation. The same by page and API. */
export interface Finding {
  item: CheckupItem;
  urgency: Urgency;
  /** What is the matter, in one line. */
  heading: string;
  /** Why that matters. */
  text: string;
  /** How many there are, a thousand at most; null where nothing is counted. */
  count: number | null;
  /** True with more than a thousand. */
  more: boolean;
  /** Who, or what: the first few of them. */
  who: readonly Subject[];
  /** The one next step; without `href` where it is not done here. */
  step: { label: string; href: string | null };
  /** Until when the reader does not want to be told; null: it stands. */
  putOffUntil: number | null;
}

/** Somebody, or something, that a finding is about. */
export interface Subject {
  name: string;
  href: string | null;
}

/** Until when somebody has put something off, and since when. */
export type PutOff = ReadonlyMap<string, { since: number; until: number }>;

/** What a check finds: whether it is put off is nobody's to say but the reader's. */
export type Found = Omit<Finding, 'putOffUntil' | 'more'> & {
  /** When the newest of them came: what is newer than that it was put off is told. */
  newestAt?: number;
};

/** Puts the worst first, and last what the reader has put off; what is urgent nobody puts off. */
export function inOrder(found: readonly Found[], putOff: PutOff): Finding[] {
  const findings = found.map(({ newestAt = 0, count, ...one }) => {
    const off = putOff.get(one.item);
    const stands = !off || one.urgency === 'now' || newestAt > off.since;
    const more = count !== null && count > COUNTED;
    return { ...one, count: more ? COUNTED : count, more, putOffUntil: stands ? null : off.until };
  });
  const rank = ({ urgency, putOffUntil }: Finding): number => (putOffUntil !== null ? 2 : urgency === 'now' ? 0 : 1);
  return findings.sort((one, other) => rank(one) - rank(other));
}

/** All of it in a few words. `good` only where nothing is left, put off or not. */
export interface Verdict {
  kind: 'now' | 'todo' | 'later' | 'good';
  heading: string;
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  const open = findings.filter(({ putOffUntil }) => putOffUntil === null);
  const left = open.length === 1 ? 'One thing to do' : `${open.length} things to do`;
  if (open.some(({ urgency }) => urgency === 'now')) return { kind: 'now', heading: `Act now: ${left.toLowerCase()}` };
  if (open.length > 0) return { kind: 'todo', heading: left };
  if (findings.length > 0) return { kind: 'later', heading: 'Nothing to do now; some things are put off' };
  return { kind: 'good', heading: 'Nothing to do' };
}
