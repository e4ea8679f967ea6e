import { insertRow } from '#models/by-hand.js';
import { newId } from '#models/columns.js';
import { aboutBody, OutboxMessage } from '#models/outbox-message.js';
import type { Context } from '#server/context.js';
import type { Keyring } from '#server/lib/keyring.js';
import { composeMail, type ComposedMail } from './compose.js';
import { onlyForOf, type MailEvent, type OwnVariables } from './events.js';
import { factoryTemplate } from './factory.js';
import { templateFor } from './own-template.js';
import type { OnlyFor } from './still-due.js';
import { mailValues, type MailRecipient } from './values.js';

export interface QueuedMail<E extends MailEvent> {
  readonly event: E;
  readonly to: MailRecipient;
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string; readonly colour: string };
  /** The event's own, a link as its path; the common ones are filled in here. */
  readonly variables: OwnVariables<E>;
  /** Not before this time; until then it can be taken back by this id. */
  readonly later?: { readonly id: string; readonly at: number };
  /** The checkpoint of the log that it carries. */
  readonly checkpointId?: string;
  /** Whom alone it is for when it is delivered, where that is not what the catalogue says; null: its recipient, whatever becomes of them. */
  readonly onlyFor?: OnlyFor | null;
}

/**
 * Puts a mail in the outbox, within the transaction that is running: it goes out when, and only when, what it tells
 * of has happened. It is filled now, so that it says how things were then.
 */
export async function queueMail<E extends MailEvent>(context: Context, mail: QueuedMail<E>): Promise<void> {
  const { event, to, tenant } = mail;
  const values = mailValues(context, mail);
  const template = await templateFor(tenant.id, event, to.locale, factoryTemplate(event, to.locale));
  const { onlyFor = onlyForOf(event), ...rest } = mail;
  if (template)
    await put(context, { event, to, tenant }, composeMail(template, values, tenant.colour), { ...rest, onlyFor });
}

/** Puts a sample of a mail in the outbox, for whoever looks how it is worded. */
export async function queueSample(
  context: Context,
  { mail, ...addressed }: Addressed & { readonly mail: ComposedMail },
): Promise<void> {
  await put(context, addressed, { ...mail, subject: `[Sample] ${mail.subject}` });
}

type Addressed = Pick<QueuedMail<MailEvent>, 'event' | 'to' | 'tenant'>;

async function put(
  { services, now }: Context,
  { event, to, tenant }: Addressed,
  { subject, text, html }: ComposedMail,
  { later, checkpointId, onlyFor = null }: Pick<QueuedMail<MailEvent>, 'later' | 'checkpointId' | 'onlyFor'> = {},
): Promise<void> {
  // A service account that has no address: what there is to tell of it, its administrators are told.
  if (to.email === '') return;
  const id = later?.id ?? newId();
  await insertRow(OutboxMessage, {
    id,
    tenantId: tenant.id,
    userId: to.id,
    event,
    recipient: to.email,
    subject,
    sealedBody: sealBody(services.keys, { id, tenantId: tenant.id }, { text, html }),
    nextTryAt: later?.at ?? now,
    createdAt: now,
    checkpointId: checkpointId ?? null,
    onlyFor,
  });
}

export interface MailBody {
  readonly text: string;
  readonly html: string;
}

type Owner = Pick<OutboxMessage, 'id' | 'tenantId'>;

function sealBody(keys: Keyring, owner: Owner, body: MailBody): string {
  return keys.seal(JSON.stringify(body), aboutBody(owner));
}

/** The text and HTML of a queued message; throws when it was changed or moved, or its key is gone. */
export function openBody(keys: Keyring, owner: Owner, sealed: string): MailBody {
  return JSON.parse(keys.open(sealed, aboutBody(owner))) as MailBody;
}
