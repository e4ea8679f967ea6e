import { holdsAlike } from '#models/alike.js';
import { OutboxMessage } from '#models/outbox-message.js';
import {
  behind,
  countIn,
  counting,
  placeOf,
  values,
  walkOn,
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

/** How many of the newest mails a page looks through for words: what is rare is looked for over several pages, and none of them is slow. */
const MAILS_SEARCHED = 5000;

/** How many mails the filters find; past a thousand, only that it is more. Null where words are looked for: a page at a time. */
export async function countMail(context: TenantContext, filters: MailFilters): Promise<Count | null> {
  const { actor, tenant, services } = context;
  if (!can(actor, 'notifications:read')) throw new Forbidden();
  if ((filters.q ?? '') !== '') return null;
  const { bind, put } = values(tenant.id);
  const where = ['m.tenant_id = $1', ...filteredBy(context, filters, put)].join(' AND ');
  return countIn(await services.database.read(counting(`FROM outbox_messages m WHERE ${where}`), bind));
}

function filteredBy({ now }: TenantContext, { state, stuck }: MailFilters, put: Put): string[] {
  return [
    ...(state === undefined ? [] : [`m.state = ${put(state)}`]),
    // Few have not gone, and an index has those alone.
    ...(state === undefined || state === 'sent' ? [] : [`m.state <> 'sent'`]),
    ...(stuck ? [isStuck(put(now - STUCK.duringMs), put(now - STUCK.afterMs))] : []),
  ];
}

function holding({ services }: TenantContext, { q = '' }: MailFilters, put: Put): string[] {
  const found = (text: string): string[] =>
    ['m.recipient', 'm.subject'].map((column) => holdsAlike(services.database, column, text, put));
  return q === '' ? [] : [`(${[...new Set([q, tidyEmail(q)])].flatMap(found).join(' OR ')})`];
}

const COLUMNS = ['id', 'event', 'user_id', 'recipient', 'subject', 'state', 'tries', 'last_error']
  .concat(['created_at', 'sent_at', 'next_try_at'])
  .map((column) => `m.${column}`)
  .join(', ');

/** The mails of the organisation, the newest first, a page at a time; of words that are rare fewer, or none, and still a next. */
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
  const { rows, stop } = await walkOn(services.database.read, {
    from: ['outbox_messages', 'm'],
    needs: COLUMNS,
    columns: COLUMNS,
    where: (put) => [
      `m.tenant_id = ${put(tenant.id)}`,
      ...filteredBy(context, filters, put),
      ...(after ? [behind(NEWEST, after, put)] : []),
    ],
    order: NEWEST,
    checks: (put) => holding(context, filters, put),
    limit,
    window: MAILS_SEARCHED,
  });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const goOn = last ? placeOf(NEWEST, last) : stop;
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
    next: goOn && sealCursor(services.keys, list, goOn),
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
