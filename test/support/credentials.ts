import { ApiCredential } from '#models/api-credential.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { lockUser } from '#server/identity/lock-user.js';
import { ask } from './ask.js';
import type { Browser, Fields, Page } from './browser.js';
import type { Portal } from './portal.js';
import { until } from './until.js';

export const TOKENS = '/security/tokens';

/** The secret that a page shows, of this kind; '' when it shows none. */
export function secretOn(page: Page, kind: 'token' | 'api-key' | 'api-password' = 'token'): string {
  return page.document.querySelector(`[data-secret=${kind}]`)?.text.trim() ?? '';
}

/** Sends the form of a new token as its page shows it, but for these fields; with all that the role grants where none are scopes. */
export function sendToken(browser: Browser, fields: Fields = {}): Promise<Page> {
  const rights = fields['scopes'] === undefined ? 'all' : 'chosen';
  return browser.submit(`${TOKENS}/new`, TOKENS, { name: 'Nightly backup', rights, ...fields });
}

/** Makes an API token in this browser; gives its secret, and its id. */
export async function makeToken(browser: Browser, fields: Fields = {}): Promise<{ secret: string; id: string }> {
  const page = await sendToken(browser, fields);
  const secret = secretOn(page);
  if (page.status !== 200 || secret === '')
    throw new Error(`No token was made: ${page.status} ${page.alert || page.text}`);
  const rows = await ApiCredential.findAll({ where: { kind: 'token' }, order: [['id', 'DESC']], limit: 1 });
  return { secret, id: rows[0]?.id ?? '' };
}

/** Generates the API key or the API password in this browser; gives the secret. */
export async function generate(browser: Browser, kind: 'api-key' | 'api-password'): Promise<string> {
  const page = await browser.submit(`/security/${kind}`, `/security/${kind}`);
  const secret = secretOn(page, kind);
  if (page.status !== 200 || secret === '') throw new Error(`Nothing was generated: ${page.status} ${page.text}`);
  return secret;
}

/** Presses Rotate on the page of a token; does not follow. */
export function rotate(browser: Browser, id: string, overlapHours: string): Promise<Page> {
  return browser.submit(`${TOKENS}/${id}`, `${TOKENS}/${id}/rotation`, { overlapHours });
}

export interface Answer {
  status: number;
  /** Why not, in one word of the contract; '' when it was done. */
  code: string;
  body: Record<string, unknown>;
  text: string;
}

/** A call of the API with these headers. */
export async function call(portal: Portal, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await ask(portal.app, {
    method: 'GET',
    path: `/api/v1${path}`,
    headers: { Host: new URL(portal.config.baseUrl).host, ...headers },
  });
  const isJson = /json/.test(answer.headers['content-type'] ?? '');
  const body = (isJson ? JSON.parse(answer.text) : {}) as Record<string, unknown>;
  return { status: answer.status, code: typeof body['code'] === 'string' ? body['code'] : '', body, text: answer.text };
}

/** What a call with this secret comes to: its status, and the code of a refusal. */
export async function verdictOn(portal: Portal, secret: string): Promise<string> {
  const { status, code } = await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}` });
  return `${status} ${code}`.trim();
}

export function basic(user: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/**
 * Sends a request that has been let in when the account is secured, and goes on only after that: as if by a thief who
 * is thrown out at that very moment.
 */
export async function whileSecuring(portal: Portal, who: string, send: () => Promise<Page>): Promise<{ answer: Page }> {
  const { id, tenantId, epoch } = await User.findByPk(portal.idOf(who), { rejectOnEmpty: true });
  let locked = (): void => undefined;
  let goOn = (): void => undefined;
  const isLocked = new Promise<void>((resolve) => (locked = resolve));
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  const securing = inTransaction(async () => {
    await lockUser(tenantId, id);
    locked();
    await mayGoOn;
    await User.update({ epoch: epoch + 1 }, { where: { tenantId, id } });
    await ApiCredential.update({ revokedAt: portal.clock.now() }, { where: { tenantId, userId: id, revokedAt: null } });
  });
  await isLocked;
  const sent = send();
  await itWaits(portal);
  goOn();
  await securing;
  return { answer: await sent };
}

/** Until a request has read its session and waits for the account. */
async function itWaits({ database }: Portal): Promise<void> {
  if (database.dialect === 'sqlite') return new Promise((resolve) => setTimeout(resolve, 400));
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await database.read(waiting, [])).length > 0);
}
