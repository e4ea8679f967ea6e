import { MAIL_STATES } from '#policies/enumerations.js';
import {
  count,
  id,
  of,
  optionalReference,
  optionalText,
  optionalTime,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

/** One mail, written in the same transaction as what it tells of, delivered by a worker. */
export class OutboxMessage extends table('outbox_messages', {
  id,
  tenantId: reference,
  userId: optionalReference,
  event: text,
  recipient: text,
  subject: text,
  /** JSON of text and HTML, sealed, because it may hold a link; emptied when the mail has gone or is given up. */
  sealedBody: optionalText,
  state: withDefault(of(MAIL_STATES), 'queued'),
  tries: withDefault(count, 0),
  nextTryAt: time,
  lastError: optionalText,
  createdAt: time,
  sentAt: optionalTime,
  /** Which checkpoint of the log it carries: once it has gone, that one has left, too. */
  checkpointId: optionalReference,
  /** Whom alone it is for when it is delivered, as `server/mail/still-due.ts` has it; null: its recipient, whatever becomes of them. */
  onlyFor: optionalText,
}) {
  /** Takes a mail back that has not gone yet. */
  static async takeBack(id: string): Promise<void> {
    await OutboxMessage.destroy({ where: { id, state: 'queued', tries: 0 } });
  }
}

/** Which mail it is: sealed in with its body. */
export function aboutBody({ id, tenantId }: Pick<OutboxMessage, 'id' | 'tenantId'>): string {
  return `outbox/${tenantId}/${id}`;
}
