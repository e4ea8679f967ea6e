import assert from 'node:assert/strict';
import { tableNames } from '#models/tables.js';
import { DAY } from '#server/lib/clock.js';
import { minuteIn } from '#server/lib/days.js';
import type { Fields, Page } from '../support/browser.js';
import { makeToken } from '../support/credentials.js';
import { mailResetLink } from '../support/links.js';
import { verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer } from '../support/programs.js';
import { addSomebody, pageOf } from '../support/users.js';

const POLICY = '/admin/security-policy';
const NAMES = /zebulon|quixote/i;

describe('Somebody whose account is gone', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('is named nowhere any more: not in what they did to the policy, by page, program or for later, nor in the log of it', async () => {
    const user = await addSomebody(portal, 'acme/zebulon', 'owner');
    const browser = await portal.signedIn('acme/zebulon');
    await browser.submit('/profile', '/profile', { name: 'Zebulon Quixote' });
    const send = async (fields: Fields): Promise<Page> =>
      browser.post(POLICY, { ...(await browser.open(POLICY)).form(POLICY), ...fields });
    assert.equal((await send({ minLength: '16' })).status, 303);
    const { secret } = await makeToken(browser, { scopes: ['policy:read', 'policy:write'] });
    assert.equal((await bearer(portal, secret).put('/security-policy', { minLength: 17 })).status, 200);
    const startsAt = minuteIn(portal.clock.now() + 9 * DAY, 'UTC');
    assert.equal((await send({ minLength: '18', startsAt })).status, 303);
    assert.equal((await bearer(portal, secret).delete('/security-policy/scheduled')).status, 204);
    const later = new Date(portal.clock.now() + 8 * DAY).toISOString();
    const set = await bearer(portal, secret).put('/security-policy', { minLength: 19, startsAt: later });
    assert.equal(set.status, 200, set.text);
    await portal.browser().tryToSignIn('acme/zebulon', 'not the password');
    await portal.browser().tryToSignIn('acme/zebulon.quixote', 'not the password');
    await mailResetLink(portal, 'acme/zebulon');
    const named = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const table of await tableNames(portal.database)) {
        const rows = await portal.database.read(`SELECT * FROM ${table}`, []);
        for (const row of rows)
          for (const [column, value] of Object.entries(row))
            if (NAMES.test(String(value))) found.push(`${table}.${column}`);
      }
      return [...new Set(found)].sort();
    };
    assert.ok((await named()).includes('users.name'));
    const olivia = await portal.signedIn('acme/olivia');
    const path = `${pageOf(user.id)}/removal`;
    assert.equal((await olivia.submit(path, path, { username: 'zebulon' })).status, 303);
    assert.deepEqual(await named(), []);
    assert.match((await olivia.open(`${POLICY}/history`)).text, /A deleted user/);
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });
});
