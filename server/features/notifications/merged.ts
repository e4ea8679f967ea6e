import { MailTemplate } from '#models/mail-template.js';
import type { MailEvent } from '#server/mail/events.js';
import { ChangedSince } from '#server/identity/changed-since.js';
import { wordingOf } from './read.js';

const FIELDS = ['subject', 'text', 'html'] as const;

/** How a mail is worded in a language. */
export interface Wording {
  locale: string;
  subject: string;
  text: string;
  html: string;
}

/** What somebody wants to be so. */
export interface Change extends Wording {
  enabled?: boolean | undefined;
  /** The version that they changed it from, where that is known; 0 for the text that Gatehouse comes with. */
  seen?: number | undefined;
}

/**
 * What is to count, over what counts now: what was left as it was in the version that was seen stays as others have changed
 * it since; of who does not say what they saw, everything counts. Throws `ChangedSince` for what both have changed.
 */
export async function mergedWith(
  current: MailTemplate | null,
  { tenantId, event }: { tenantId: string; event: MailEvent },
  { locale, enabled, seen, ...typed }: Change,
): Promise<Omit<Wording, 'locale'> & { enabled: boolean }> {
  const sentNow = current?.enabled ?? true;
  const at = seen ?? current?.version ?? 0;
  const was = at === 0 ? null : await MailTemplate.findOne({ where: { tenantId, event, locale, version: at } });
  const sameVersion = seen === undefined || at === (current?.version ?? 0) || (at !== 0 && !was);
  if (sameVersion) return { ...typed, enabled: enabled ?? sentNow };
  const [then, now] = [wordingOf(was, event, locale), wordingOf(current, event, locale)];
  const of = (field: keyof typeof then): string => (typed[field] === then[field] ? now[field] : typed[field]);
  const sentThen = was?.enabled ?? true;
  const merged = {
    subject: of('subject'),
    text: of('text'),
    html: of('html'),
    enabled: enabled === undefined || enabled === sentThen ? sentNow : enabled,
  };
  const lost = FIELDS.filter(
    (field) => ![then[field], now[field]].includes(merged[field]) && then[field] !== now[field],
  );
  if (lost.length > 0)
    throw new ChangedSince(Object.fromEntries(lost.map((field) => [field, now[field]])), {
      shown: { version: current?.version ?? 0 },
      // The form is of the present version from now on, so what was left alone stands in it as it is there.
      values: { ...merged, enabled: merged.enabled ? 'on' : [] },
    });
  return merged;
}
