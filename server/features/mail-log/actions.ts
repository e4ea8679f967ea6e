import { holdsAlike } from '#models/alike.js';
import { OutboxMessage } from '#models/outbox-message.js';
import {
  behind,
  countIn,
  counting,
  orderBy,
  placeColumns,
  placeOf,
  values,
  type Count,
  type Order,
  type Put,
} from '#models/paging.js';
import { isStuck, STUCK } from '#models/stuck-mail.js';
import { can } from '#policies/can.js';
import { tidyEmail } from '#policies/names.js';
import type { MailState } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, Invalid, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { openCursor, sealCursor } from '#server/lib/cursor.js';
import { record } from '#server/trace/record.js';
import { cureOf, logged, type LoggedMail } from './logged.js';

export interface MailFilters {
  state?: MailState | undefined;
  /** Given up, or waiting for long. */
  stuck?: 'yes' | undefined;
  q?: string;
  cursor?: string | undefined;
  limit?: number;
}

const NEWEST: Order = { columns: ['m.created_at', 'm.id'], descending: true };
const LIST = 'mail';

/** How many mails the filters find; past a thousand, only that it is more. */
export async function countMail(context: TenantContext, filters: MailFilters): Promise<Count> {
  const { actor, tenant, services } = context;
  if (!can(actor, 'notifications:read')) throw new Forbidden();
  const { bind, put } = values(tenant.id);
  const where = checksOf(context, filters, put).join(' AND ');
  return countIn(await services.database.read(counting(`FROM outbox_messages m WHERE ${where}`), bind));
}

// The tenant is the first value.
function checksOf({ services, now }: TenantContext, { state, stuck, q = '' }: MailFilters, put: Put): string[] {
  const { database } = services;
  const found = (text: string): string[] =>
    ['m.recipient', 'm.subject'].map((column) => holdsAlike(database, column, text, put));
  return [
    'm.tenant_id = $1',
    ...(state === undefined ? [] : [`m.state = ${put(state)}`]),
    ...(stuck ? [isStuck(put(now - STUCK.duringMs), put(now - STUCK.afterMs))] : []),
    ...(q === '' ? [] : [`(${[q, tidyEmail(q)].flatMap(found).join(' OR ')})`]),
  ];
}

/** The mails of the organisation, the newest first, a page at a time. */
export async function listMail(
  context: TenantContext,
  { cursor, limit = 50, ...filters }: MailFilters,
): Promise<{ mails: LoggedMail[]; next: string | null }> {
  if (!can(context.actor, 'notifications:read')) throw new Forbidden();
  const { services, tenant } = context;
  const list = `${tenant.id} ${LIST}`;
  const after = cursor === undefined ? null : openCursor(services.keys, list, cursor);
  if (cursor !== undefined && !after)
    throw Invalid.field(
      'cursor',
      'This cursor is not one that this list gave. Leave it out to begin at the first page.',
    );
  const { bind, put } = values(tenant.id);
  const checks = [...checksOf(context, filters, put), ...(after ? [behind(NEWEST, after, put)] : [])];
  const rows = await services.database.read(
    `SELECT m.id, m.event, m.user_id, m.recipient, m.subject, m.state, m.tries, m.last_error, m.created_at, m.sent_at, m.next_try_at,
      ${placeColumns(NEWEST)} FROM outbox_messages m WHERE ${checks.join(' AND ')} ${orderBy(NEWEST)} LIMIT ${put(limit + 1)}`,
    bind,
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    mails: shown.map((row) =>
      logged({
        id: String(row['id']),
        event: String(row['event']),
        userId: row['user_id'] === null ? null : String(row['user_id']),
        recipient: String(row['recipient']),
        subject: String(row['subject']),
        state: row['state'] as MailState,
        tries: Number(row['tries']),
        lastError: row['last_error'] === null ? null : String(row['last_error']),
        createdAt: Number(row['created_at']),
        sentAt: row['sent_at'] === null ? null : Number(row['sent_at']),
        nextTryAt: Number(row['next_try_at']),
      }),
    ),
    next: last ? sealCursor(services.keys, list, placeOf(NEWEST, last)) : null,
  };
}

/** Has a mail that waits tried again at once. Throws `Conflict` for one that has gone, or was given up: its body is erased. */
export async function retryMail(context: TenantContext, id: string): Promise<void> {
  await actingNow(context, 'notifications:write', async (acting) => {
    const { tenant, now } = acting;
    const mail = await OutboxMessage.findOne({ where: { tenantId: tenant.id, id } });
    if (!mail) throw new NotFound();
    if (mail.state === 'sent') throw new Conflict('This mail has gone already.');
    if (mail.state === 'failed') {
      const cure = cureOf(mail);
      throw new Conflict(
        `This mail was given up, and what it said is erased. It cannot be sent again. ${cure?.words ?? ''}`,
      );
    }
    const [again] = await OutboxMessage.update(
      { nextTryAt: now },
      { where: { tenantId: tenant.id, id, state: 'queued', nextTryAt: mail.nextTryAt } },
    );
    if (again !== 1) throw new Conflict('This mail is on its way just now. Look again in a moment.');
    await record(acting, {
      event: 'mail.retried',
      target: { type: 'tenant', id: tenant.id },
      details: { mail: mail.event, tries: mail.tries },
    });
  });
}
