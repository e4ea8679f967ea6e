import type { CredentialKind, UserKind } from '#policies/enumerations.js';
import { clientLine, type ClientDescription } from '#server/lib/client.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { dateFormat, lengthFormat } from '#server/lib/date-format.js';
import { mailLanguage } from './language.js';

const DAY_MINUTES = DAY / MINUTE;

/** "14:05 UTC": for who is not signed in, so that nobody knows where they are. To the next whole minute, when it is surely over. */
export function clockText(at: number): string {
  return `${new Date(Math.ceil(at / 60_000) * 60_000).toISOString().slice(11, 16)} UTC`;
}

/** "21 November 2026 at 14:05 UTC", as this reader writes it. */
export function timeText(at: number, locale: string, timeZone: string): string {
  const format = {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  } as const;
  return dateFormat(locale, timeZone, format).format(at);
}

/** "5 Dec", as this reader writes it: for a subject. */
export function dayText(at: number, locale: string, timeZone: string): string {
  return dateFormat(locale, timeZone, { day: 'numeric', month: 'short' }).format(at);
}

/** "30 minutes", "7 days": how long something lasts, in its largest whole unit and the language that mails have for this reader. */
export function spanText(ms: number, locale: string): string {
  const minutes = Math.max(1, Math.ceil(ms / MINUTE));
  const [size, unit] =
    minutes % DAY_MINUTES === 0
      ? ([DAY_MINUTES, 'day'] as const)
      : minutes % 60 === 0
        ? ([60, 'hour'] as const)
        : ([1, 'minute'] as const);
  return lengthFormat(mailLanguage(locale), unit).format(minutes / size);
}

/** "u***@n***.example": enough to know one's own address by, too little to learn somebody's. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const dot = email.lastIndexOf('.');
  const local = Array.from(email.slice(0, Math.max(at, 0)))[0] ?? '';
  const domain = Array.from(email.slice(at + 1))[0] ?? '';
  return `${local}***@${domain}***${dot > at ? email.slice(dot) : ''}`;
}

/**
 * The browser, for a mail. It is whatever a stranger's request said of itself, and mail programs make links of
 * anything like an address: one that looks like that is not repeated.
 */
export function browserText(client: ClientDescription | null): string {
  const line = clientLine(client);
  return /\p{L}\.\p{L}|:\s*\/|\/\//u.test(line) ? clientLine(null) : line;
}

/** What a program signs in with. */
interface Credential {
  kind: CredentialKind;
  name: string;
}

/** An API credential, as mails speak of it. */
export function credentialText({ kind, name }: Credential): string {
  return kind === 'token' ? `The API token “${name}”` : `The API ${kind}`;
}

/** The page on which its owner looks after it, and makes a new one; of a service account that is for administrators. */
export function credentialPath({ kind }: Pick<Credential, 'kind'>, owner?: { id: string; kind: UserKind }): string {
  if (owner?.kind === 'service') return `/admin/users/${owner.id}`;
  return kind === 'token' ? '/security/tokens' : `/security/api-${kind}`;
}

/** Somebody's account, as mails to others speak of it. */
export function accountText({ name, username }: { name: string; username: string }): string {
  return `${name} (${username})`;
}

/** The two that such a text is made of; null where it is none. */
export function accountParts(text: string): { person: string; username: string } | null {
  const [, person, username] = /^(.*) \(([^\s()]+)\)$/su.exec(text) ?? [];
  return person === undefined || username === undefined ? null : { person, username };
}
