import type { OutboxMessage } from '#models/outbox-message.js';
import type { MailState } from '#policies/enumerations.js';
import { isMailEvent, MAIL_EVENTS } from '#server/mail/events.js';

/** A mail, as the log of mails has it: never its body, which may hold a link. */
export interface LoggedMail {
  id: string;
  event: string;
  label: string;
  recipient: string;
  subject: string;
  state: MailState;
  tries: number;
  lastError: string | null;
  createdAt: number;
  sentAt: number | null;
  nextTryAt: number | null;
  /** It waits for its next try, and need not. */
  mayRetry: boolean;
  /** What makes a new one, where this one is given up. */
  cure: { words: string; href: string } | null;
}

type Row = Pick<
  OutboxMessage,
  | 'id'
  | 'event'
  | 'userId'
  | 'recipient'
  | 'subject'
  | 'state'
  | 'tries'
  | 'lastError'
  | 'createdAt'
  | 'sentAt'
  | 'nextTryAt'
>;

/** A row of the outbox, as the log of mails has it. */
export function logged(row: Row): LoggedMail {
  const { id, event, recipient, subject, state, tries, lastError, createdAt, sentAt, nextTryAt } = row;
  return {
    ...{ id, event, recipient, subject, state, tries, lastError, createdAt, sentAt },
    label: isMailEvent(event) ? MAIL_EVENTS[event].label : event,
    nextTryAt: state === 'queued' ? nextTryAt : null,
    mayRetry: state === 'queued' && tries > 0,
    cure: state === 'failed' ? cureOf(row) : null,
  };
}

const CURES: Readonly<Record<string, string>> = {
  invitation: 'Send a new invitation from the page of the account.',
  'password-reset': 'Send a new reset link from the page of the account.',
  'email-change-confirm': 'Put the address right on the page of the account.',
};

/** What makes a new one, of somebody who is here. */
export function cureOf({ event, userId }: Pick<OutboxMessage, 'event' | 'userId'>): LoggedMail['cure'] {
  if (userId === null) return null;
  const words = CURES[event] ?? 'Put the address right on the page of the account, so that the next mail arrives.';
  return { words, href: `/admin/users/${userId}` };
}
