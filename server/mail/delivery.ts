import { literal } from 'sequelize';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { OutboxMessage } from '#models/outbox-message.js';
import type { Services } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { errorText } from './error-text.js';
import { Undeliverable, type Mailer } from './mailer.js';
import { openBody } from './outbox.js';
import { addressFor } from './still-due.js';

export const MOST_TRIES = 12;
const LONGEST_WAIT = 4 * HOUR;
// Well over what one send may take: while this runs no other worker touches the message, and when it has run out the
// worker that claimed it is gone.
const CLAIM = 5 * MINUTE;
const BATCH = 20;

// One by one and in order, so that two mails to one person arrive as they were written; but whoever waits for a reset
// link is not made to wait behind a thousand invitations.
const DUE = `SELECT id, next_try_at FROM outbox_messages WHERE state = 'queued' AND next_try_at <= $1
  ORDER BY CASE WHEN event = 'invitation' THEN 1 ELSE 0 END, next_try_at, id LIMIT ${BATCH}`;

interface Due {
  readonly id: string;
  readonly nextTryAt: number;
}

/** Sends what is due and gives how many mails went out. Any number of workers may do so at once. `stop` ends it before the next mail. */
export async function deliverDue(services: Services, mailer: Mailer, stop?: AbortSignal): Promise<number> {
  let sent = 0;
  for (;;) {
    const rows = await services.database.read(DUE, [services.clock.now()]);
    let taken = 0;
    for (const row of rows) {
      if (stop?.aborted) return sent;
      const message = await claim(services, { id: String(row['id']), nextTryAt: Number(row['next_try_at']) });
      if (!message) continue;
      taken += 1;
      if (await deliver(services, mailer, message)) sent += 1;
    }
    if (taken === 0) return sent;
  }
}

/** Takes a message for a while by moving its time ahead: exactly one of any number of workers does. A crash counts as a try. */
async function claim(services: Services, { id, nextTryAt }: Due): Promise<OutboxMessage | null> {
  const claimed = { nextTryAt: services.clock.now() + CLAIM, tries: literal('tries + 1') };
  const [count] = await OutboxMessage.update(claimed, { where: { id, state: 'queued', nextTryAt } });
  return count === 1 ? OutboxMessage.findByPk(id) : null;
}

/** Sends a claimed message, outside any transaction, and notes how it went. True when it has gone. */
async function deliver(services: Services, mailer: Mailer, message: OutboxMessage): Promise<boolean> {
  const { clock, config, log } = services;
  const about = { message: message.id, event: message.event, tries: message.tries };
  const recipient = await addressFor(services.database.read, message);
  if (recipient === null) {
    await OutboxMessage.destroy({ where: ours(message) });
    log.info(about, 'Mail dropped: it was for what its recipient may no longer do');
    return false;
  }
  try {
    await send(services, mailer, message, recipient);
  } catch (error) {
    const lastError = errorText(error, config);
    const givenUp = error instanceof Undeliverable || message.tries >= MOST_TRIES;
    const next = givenUp
      ? ({ state: 'failed', sealedBody: null } as const)
      : { nextTryAt: clock.now() + waitAfter(message.tries) };
    await note(message, { ...next, lastError });
    log.warn({ ...about, error: lastError }, givenUp ? 'Mail given up' : 'Mail not sent; it will be tried again');
    return false;
  }
  const { tenantId, checkpointId } = message;
  // It has left, whatever comes of the note about it.
  if (checkpointId !== null) await LogCheckpoint.markExported({ tenantId, id: checkpointId }, clock.now());
  await note(message, { state: 'sent', recipient, sealedBody: null, lastError: null, sentAt: clock.now() });
  log.info(about, 'Mail sent');
  return true;
}

async function send({ config, keys }: Services, mailer: Mailer, message: OutboxMessage, to: string): Promise<void> {
  if (message.tries > MOST_TRIES) throw new Undeliverable('Gatehouse stopped in the middle of each try.');
  if (message.sealedBody === null) throw new Undeliverable('The body of the mail is gone.');
  const { id, event, subject } = message;
  const { text, html } = openBody(keys, message, message.sealedBody);
  await mailer.send({ id, event, from: config.mailFrom, to, subject, text, html });
}

async function note(
  message: OutboxMessage,
  changes: Partial<Pick<OutboxMessage, 'state' | 'recipient' | 'sealedBody' | 'lastError' | 'nextTryAt' | 'sentAt'>>,
): Promise<void> {
  const where = ours(message);
  // Who had the account is nobody here any more, whose address could be kept.
  if (message.userId === null && changes.state !== undefined) await OutboxMessage.destroy({ where });
  else await OutboxMessage.update(changes, { where });
}

// Only while the claim is still ours; else another worker has the message, and the last word.
function ours({ id, nextTryAt }: OutboxMessage) {
  return { id, state: 'queued', nextTryAt } as const;
}

function waitAfter(tries: number): number {
  return Math.min(MINUTE * 2 ** (tries - 1), LONGEST_WAIT);
}
