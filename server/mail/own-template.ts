import { MailTemplate as Row } from '#models/mail-template.js';
import { maySilence, ownVariables, type MailEvent } from './events.js';
import type { MailTemplate } from './factory.js';
import { ownLanguage } from './language.js';
import { templateProblems } from './template-check.js';

/**
 * How this organisation words the mail for a reader of this locale: in their language where it has a text for that, else
 * as in English, else as Gatehouse does, which is `factory`. Null where it has silenced the mail, which no notice of security can be.
 */
export async function templateFor(
  tenantId: string,
  event: MailEvent,
  locale: string,
  factory: MailTemplate,
): Promise<MailTemplate | null> {
  for (const language of new Set([ownLanguage(locale), 'en'])) {
    const row = await Row.current(tenantId, event, language);
    if (!row) continue;
    if (!row.enabled && maySilence(event)) return null;
    const { subject, text, html } = row;
    if (subject !== null && text !== null && html !== null && isSound(event, { subject, text, html }))
      return { ...factory, language, subject, text, html };
  }
  return factory;
}

/** Whether a mail may still be made of it. One from before may hold what none may any more: the mail must go all the same. */
export function isSound(
  event: MailEvent,
  { subject, text, html }: { subject: string; text: string; html: string },
): boolean {
  const own = ownVariables(event);
  const parts = [templateProblems(own, subject, 'subject'), templateProblems(own, text, 'text')];
  return [...parts, templateProblems(own, html, 'html')].every((problems) => problems.length === 0);
}
