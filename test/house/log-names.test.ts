import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { snapshotOf } from '../support/snapshot.js';
import { titleOf } from '../support/routes.js';
import { BY_ANYBODY, GOOD_CALLS } from './authority-calls.js';
import { GOOD_FORMS } from './authority-forms.js';
import { setTheScene, type Scene } from './authority-scene.js';

/** What people call themselves and what is theirs, wherever it is kept. */
const CALLED: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['users', ['name', 'username', 'email']],
  ['api_credentials', ['name']],
  ['ssh_keys', ['name']],
  ['passkeys', ['name']],
];
/** Typed, but of a closed list, a number, or of what is not a person: nobody is named by it. */
const PLAIN = /^(\d+|true|false|on|off|[a-z]{2}|[A-Z][a-z]+\/[A-Z][a-z_]+|[0-9a-f-]{36}|[\d-]{10}T[\d:.]+Z)$/;
/** Words of our own: what is chosen from a list, which names nobody. */
const OURS = new Set(['active', 'disabled', 'invited', 'person', 'service', 'pending', 'auto', 'dark', 'light']);

describe('What people type of somebody stands in no row of the log about them as it is', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    putAllBack = await snapshotOf(scene.portal.database);
  });
  afterEach(() => putAllBack());
  after(() => scene.portal.close());

  const select = <T extends object>(sql: string): Promise<T[]> =>
    scene.portal.database.sequelize.query<T>(sql, { type: QueryTypes.SELECT });

  for (const route of routes.filter(({ method, path }) => method === 'post' && path in GOOD_FORMS))
    it(titleOf(route), async () => {
      const good = GOOD_FORMS[route.path];
      await good?.first?.(scene);
      const { browser, csrf } = good?.from(scene) ?? scene.desk;
      const fields = good?.fields(scene) ?? {};
      const typed = Object.values(fields).flat();
      await isNamedNowhere(typed, async () => {
        const cookies = [...browser.cookies];
        const { status } = await browser.post(good?.path?.(scene) ?? route.path, { _csrf: csrf, ...fields });
        browser.cookies.clear();
        for (const [name, value] of cookies) browser.cookies.set(name, value);
        return status;
      });
    });

  for (const { method, path, body } of apiRoutes) {
    const name = `${method.toUpperCase()} ${path}`;
    const good = GOOD_CALLS[name];
    if (body === null || !good || good.from === 'nobody' || BY_ANYBODY.has(name)) continue;
    const { from } = good;
    it(name, async () => {
      const sent = good.body(scene);
      const typed = typeof sent === 'string' ? [] : Object.values(sent).filter((one) => typeof one === 'string');
      await isNamedNowhere(typed, async () => {
        const url = `${scene.portal.url}/api/v1${good.path?.(scene) ?? path}`;
        const type = typeof sent === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
        const headers = { Authorization: `Bearer ${scene.tokens[from].secret}`, 'Content-Type': type };
        const text = typeof sent === 'string' ? sent : JSON.stringify(sent);
        return (await fetch(url, { method: method.toUpperCase(), headers, body: text })).status;
      });
    });
  }

  async function isNamedNowhere(typed: readonly string[], work: () => Promise<number>): Promise<void> {
    const before = await names();
    const told = new Set((await rows()).map(({ id }) => id));
    const status = await work();
    assert.ok(status < 400, `It is done: ${status}`);
    const words = [...before, ...(await names()), ...typed]
      .map((word) => word.trim())
      .filter((word) => word.length >= 3 && !PLAIN.test(word) && !OURS.has(word));
    for (const { event, details } of (await rows()).filter(({ id }) => !told.has(id)))
      for (const value of leavesOf(JSON.parse(details))) assert.ok(!words.includes(value), `${event} tells ${details}`);
  }

  const rows = () =>
    select<{ id: string; event: string; details: string }>(
      `SELECT id, event, details FROM security_events WHERE target_type = 'user'`,
    );

  async function names(): Promise<string[]> {
    const found: string[] = [];
    for (const [table, columns] of CALLED)
      for (const row of await select<Record<string, string>>(`SELECT ${columns.join(', ')} FROM ${table}`))
        found.push(...Object.values(row));
    return found;
  }
});

// Every text in it that is not sealed.
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || 'sealed' in value) return [];
  return Object.values(value).flatMap(leavesOf);
}
