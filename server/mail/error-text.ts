import type { Config } from '#server/config.js';

const LONGEST = 500;
const MOST_READ = 4000;

/** What went wrong, fit for the mail log: a server's answer may repeat addresses, links out of the mail, even our own sign-in. */
export function errorText(error: unknown, config: Pick<Config, 'smtpUrl'>): string {
  let text = error instanceof Error ? error.message : '';
  // Cut between words, so that no half of a secret is left that the rest would not know for one.
  if (text.length > MOST_READ) text = text.slice(0, Math.max(0, text.lastIndexOf(' ', MOST_READ)));
  for (const secret of signIn(config.smtpUrl)) text = text.replaceAll(secret, '(secret)');
  const clean = text
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .replace(/[a-z][a-z0-9+.-]{0,20}:\/\/\S+/gi, '(link)')
    .replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/gu, '(address)')
    .replace(/[\w-]{32,}/g, '(token)')
    .trim();
  return clean.slice(0, LONGEST) || 'The mail could not be sent.';
}

function signIn(smtpUrl: string | null): string[] {
  if (smtpUrl === null || !URL.canParse(smtpUrl)) return [];
  const { username, password } = new URL(smtpUrl);
  const plain = [password, username].flatMap((part) => [part, decoded(part)]);
  // Servers are answered in base64, and some say what they were given.
  const all = plain.flatMap((part) => [part, Buffer.from(part).toString('base64')]);
  return [...new Set(all)].filter((part) => part.length >= 4).sort((a, b) => b.length - a.length);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
