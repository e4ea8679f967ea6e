import { MailTemplate } from '#models/mail-template.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { isMailEvent, MAIL_EVENTS, maySilence, ownVariables, type MailEvent } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { isSound } from '#server/mail/own-template.js';
import { COMMON_VARIABLES, isRequired } from '#server/mail/variables.js';

/** One of the mails, as the list has it. */
export interface ListedNotification {
  event: MailEvent;
  label: string;
  description: string;
  /** Languages in which the organisation has a text of its own. */
  worded: string[];
  /** Languages in which it is not sent. */
  silenced: string[];
  /** As far as the mail log remembers. */
  lastSentAt: number | null;
}

/** One of the mails, in one language. */
export interface Notification extends Omit<ListedNotification, 'worded' | 'silenced'> {
  locale: string;
  enabled: boolean;
  /** May it be silenced at all? */
  maySilence: boolean;
  /** True where the text is the organisation's own. */
  own: boolean;
  /** True where that no longer is what a mail may be made of, and the text that Gatehouse comes with is sent in its place. */
  passedOver: boolean;
  subject: string;
  text: string;
  html: string;
  variables: { name: string; description: string; required: boolean }[];
  versions: { version: number; createdAt: number; own: boolean; enabled: boolean }[];
}

const LAST_SENT = `SELECT event, MAX(sent_at) AS at FROM outbox_messages WHERE tenant_id = $1 AND state = 'sent' GROUP BY event`;
const NEWEST = `
SELECT m.event, m.locale, m.enabled, CASE WHEN m.subject IS NULL THEN 0 ELSE 1 END AS own FROM mail_templates m
WHERE m.tenant_id = $1 AND m.version = (
  SELECT MAX(n.version) FROM mail_templates n WHERE n.tenant_id = m.tenant_id AND n.event = m.event AND n.locale = m.locale)`;
const MOST_VERSIONS = 20;

/** Every mail that there is, in the order of the catalogue. */
export async function listNotifications(context: TenantContext): Promise<ListedNotification[]> {
  demandReading(context);
  const { database } = context.services;
  const rows = await database.read(NEWEST, [context.tenant.id]);
  const sent = await lastSent(context);
  return (Object.keys(MAIL_EVENTS) as MailEvent[]).map((event) => {
    const own = rows.filter((row) => row['event'] === event);
    const languages = (some: typeof own): string[] => some.map((row) => String(row['locale'])).sort();
    return {
      ...about(event),
      worded: languages(own.filter((row) => Number(row['own']) === 1)),
      silenced: maySilence(event) ? languages(own.filter((row) => Number(row['enabled']) === 0)) : [],
      lastSentAt: sent.get(event) ?? null,
    };
  });
}

/** One mail as it is worded for readers of this language. Throws `NotFound` for one that there is not. */
export async function readNotification(context: TenantContext, name: string, locale: string): Promise<Notification> {
  demandReading(context);
  const event = eventCalled(name);
  const versions = await MailTemplate.findAll({
    where: { tenantId: context.tenant.id, event, locale },
    order: [['version', 'DESC']],
    limit: MOST_VERSIONS,
  });
  const [current] = versions;
  const wording = wordingOf(current ?? null, event, locale);
  return {
    ...about(event),
    locale,
    enabled: !maySilence(event) || (current?.enabled ?? true),
    maySilence: maySilence(event),
    own: (current?.subject ?? null) !== null,
    passedOver: !isSound(event, wording),
    ...wording,
    variables: Object.entries({ ...COMMON_VARIABLES, ...ownVariables(event) }).map(([variable, { description }]) => ({
      name: variable,
      description,
      required: isRequired(ownVariables(event), variable),
    })),
    versions: versions.map((one) => ({
      version: one.version,
      createdAt: one.createdAt,
      own: one.subject !== null,
      enabled: one.enabled,
    })),
    lastSentAt: (await lastSent(context)).get(event) ?? null,
  };
}

/** How a version words a mail; with none, the text that Gatehouse comes with. */
export function wordingOf(version: MailTemplate | null, event: MailEvent, locale: string) {
  const factory = factoryTemplate(event, locale);
  return {
    subject: version?.subject ?? factory.subject,
    text: version?.text ?? factory.text,
    html: version?.html ?? factory.html,
  };
}

/** The mail of this name. Throws `NotFound`. */
export function eventCalled(name: string): MailEvent {
  if (!isMailEvent(name)) throw new NotFound();
  return name;
}

function about(event: MailEvent) {
  const { label, description } = MAIL_EVENTS[event];
  return { event, label, description };
}

async function lastSent({ services, tenant }: TenantContext): Promise<Map<string, number>> {
  const rows = await services.database.read(LAST_SENT, [tenant.id]);
  return new Map(rows.map((row) => [String(row['event']), Number(row['at'])]));
}

function demandReading({ actor }: TenantContext): void {
  if (!can(actor, 'notifications:read')) throw new Forbidden();
}
