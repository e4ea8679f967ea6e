import { MailTemplate } from '#models/mail-template.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { TenantContext, UserContext } from '#server/context.js';
import { Conflict, Invalid, NotFound, TooMany, type FieldError } from '#server/errors.js';
import { HOUR, SECOND } from '#server/lib/clock.js';
import { actingNow } from '#server/identity/acting.js';
import { composeMail, type ComposedMail } from '#server/mail/compose.js';
import { maySilence, ownVariables, type MailEvent } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { queueSample } from '#server/mail/outbox.js';
import { ownAddress } from '#server/lib/own-address.js';
import { sampleValues } from '#server/mail/sample.js';
import { templateProblems } from '#server/mail/template-check.js';
import { record } from '#server/trace/record.js';
import { mergedWith, type Change, type Wording } from './merged.js';
import { eventCalled, readNotification } from './read.js';

/** A wording as somebody has typed it. */
type Typed = Pick<Wording, 'locale'> & { [One in 'subject' | 'text' | 'html']?: string | undefined };

const WRITING = 'notifications:write';
/** Versions are counted: two at one moment would be the same. */
const ONE_BY_ONE = { organisation: true };
const SAMPLES_AN_HOUR = 20;

/** Words a mail, from now on. What was before stays a version. Throws `Invalid` for what a mail cannot be made of. */
export async function saveNotification(context: TenantContext, name: string, change: Change): Promise<void> {
  const event = eventCalled(name);
  refuseUnsound(event, change);
  await actingNow(
    context,
    WRITING,
    async (acting) => {
      const tenantId = acting.tenant.id;
      const current = await MailTemplate.current(tenantId, event, change.locale);
      const { enabled, ...wording } = await mergedWith(current, { tenantId, event }, change);
      refuseUnsound(event, wording);
      await addVersion(acting, event, change.locale, { ...wording, enabled: !maySilence(event) || enabled });
    },
    ONE_BY_ONE,
  );
}

/** Puts back how a version of before has it; with none, the text that Gatehouse comes with. It is a new version itself. */
export async function restoreNotification(
  context: TenantContext,
  name: string,
  { locale, version, seen }: { locale: string; version: number | null; seen?: number | undefined },
): Promise<void> {
  const event = eventCalled(name);
  await actingNow(
    context,
    WRITING,
    async (acting) => {
      const tenantId = acting.tenant.id;
      const current = await MailTemplate.current(tenantId, event, locale);
      if (seen !== undefined && seen !== (current?.version ?? 0))
        throw new Conflict(
          'Somebody else has worded this mail meanwhile. Look at that before you put another text in its place.',
        );
      const former =
        version === null ? FACTORY : await MailTemplate.findOne({ where: { tenantId, event, locale, version } });
      if (!former) throw new NotFound('There is no such version of this mail.');
      const { subject, text, html, enabled } = former;
      // It may be older than what is in mails today.
      if (subject !== null && text !== null && html !== null) refuseUnsound(event, { subject, text, html });
      await addVersion(acting, event, locale, { subject, text, html, enabled });
    },
    ONE_BY_ONE,
  );
}

const FACTORY = { subject: null, text: null, html: null, enabled: true } as const;

/** What stands in a mailbox, with a sample for each variable: of what was typed, or else of what counts now. Throws `Invalid`. */
export async function previewNotification(
  context: UserContext,
  name: string,
  { locale, ...typed }: Typed,
): Promise<ComposedMail> {
  const event = eventCalled(name);
  const none = !typed.subject && !typed.text && !typed.html;
  const { subject = '', text = '', html = '' } = none ? await readNotification(context, name, locale) : typed;
  const wording = { subject, text, html };
  refuseUnsound(event, wording);
  const template = { ...factoryTemplate(event, locale), ...wording, language: locale };
  return composeMail(template, samplesFor(context, event), context.tenant.colour);
}

// Whoever holds down the button, or has a program do it, fills a mailbox and the outbox of everybody.
async function countSample({ services, user, now }: UserContext): Promise<void> {
  const { points, windowEndsAt } = await countThrottle(services.database, `mail-samples/${user.id}`, HOUR, now);
  if (points > SAMPLES_AN_HOUR)
    throw new TooMany(
      'You have had twenty samples within an hour. Wait a little, or look at the preview.',
      (windowEndsAt - now) / SECOND,
    );
}

/** Mails a sample to whoever asks, twenty times an hour. */
export async function sendTest(context: UserContext, name: string, wording: Typed): Promise<void> {
  const event = eventCalled(name);
  if (context.user.email === '')
    throw new Conflict('This account has no address that a sample could be mailed to. Ask with one that has.');
  const mail = await previewNotification(context, name, wording);
  await countSample(context);
  await actingNow(context, WRITING, async (acting) => {
    const { tenant } = acting;
    const to = await User.findOne({ where: { tenantId: tenant.id, id: acting.user.id }, rejectOnEmpty: true });
    await queueSample(acting, { event, to, tenant, mail });
    await record(acting, {
      event: 'notification.tested',
      target: { type: 'tenant', id: tenant.id },
      details: { mail: event, locale: wording.locale },
    });
  });
}

async function addVersion(
  acting: TenantContext,
  event: MailEvent,
  locale: string,
  values: Pick<MailTemplate, 'subject' | 'text' | 'html' | 'enabled'>,
): Promise<void> {
  const { tenant, now, actor } = acting;
  const current = await MailTemplate.current(tenant.id, event, locale);
  const version = (current?.version ?? 0) + 1;
  const made = { version, createdAt: now, createdBy: actor.id };
  await MailTemplate.create({ tenantId: tenant.id, event, locale, ...values, ...made });
  await record(acting, {
    event: 'notification.changed',
    target: { type: 'tenant', id: tenant.id },
    details: {
      mail: event,
      locale,
      version,
      sent: values.enabled,
      wording: values.subject === null ? 'factory' : 'own',
    },
  });
}

function refuseUnsound(event: MailEvent, wording: Omit<Wording, 'locale'>): void {
  const own = ownVariables(event);
  const errors: FieldError[] = (['subject', 'text', 'html'] as const).flatMap((field) =>
    [...emptiness(wording[field]), ...templateProblems(own, wording[field], field)].map((message) => ({
      field,
      message,
    })),
  );
  if (errors.length > 0) throw new Invalid(errors);
}

function emptiness(text: string): string[] {
  return text === '' ? ['Do not leave this empty. To have the text of before back, restore it below.'] : [];
}

function samplesFor({ services, tenant, user }: UserContext, event: MailEvent) {
  const known = { name: user.name, username: user.username, organisation: tenant.name };
  return { ...sampleValues(event, ownAddress(services.config, tenant.slug)), ...known };
}
