import assert from 'node:assert/strict';
import type { Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { logged, mailResetLink } from '../support/links.js';
import { enterPass, passFor } from '../support/passes.js';
import { forbidPasswords, RECOVERY, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { setPolicy } from '../support/second-factor.js';
import { addSomebody, userCalled } from '../support/users.js';

const NEW = 'quiet-lantern-orchard-57';

describe('Whoever is nobody here yet', () => {
  let portal: Portal;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  afterEach(async () => {
    await setPolicy(portal, 'acme', { history: 0, passwordSignIn: 'allowed', passkeys: 'passwordless' });
    await clearCounters(portal.database);
  });
  after(() => portal.close());

  async function somebody(): Promise<{ who: string; email: string }> {
    const who = `acme/known${(count += 1)}`;
    return { who, email: `acme/${(await addSomebody(portal, who, 'user')).email}` };
  }

  /** Each a way in without a password, and how it is given to somebody. */
  const WAYS: Readonly<
    Record<string, { give(who: string): Promise<string>; send(name: string, code: string): Promise<Page> }>
  > = {
    'an access pass': {
      give: (who) => passFor(portal, who),
      send: (name, pass) => enterPass(portal.browser(), name, pass),
    },
    'a recovery code': {
      async give(who) {
        const { codes } = await withPasskey(portal, who);
        await forbidPasswords(portal);
        return codes[0] ?? '';
      },
      send(name, recoveryCode) {
        const [organization = '', username = ''] = name.split('/');
        return portal.browser().submit(RECOVERY, RECOVERY, { organization, username, recoveryCode });
      },
    },
  };

  for (const [way, { give, send }] of Object.entries(WAYS)) {
    it(`cannot tell by a lock whose names meet in one counter, where ${way} is entered`, async () => {
      const { who, email } = await somebody();
      const code = await give(who);
      const wrong = code.replace(/[a-z0-9]/g, 'a');
      const said = async (names: readonly string[]): Promise<string[]> => {
        const answers: string[] = [];
        for (let tries = 0; tries < 12; tries += 1) {
          const { status, alert } = await send(names[tries % 2] ?? '', wrong);
          answers.push(`${status} ${alert}`);
          await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
        }
        return answers;
      };
      const theirs = await said([who, email]);
      assert.deepEqual(await said(['acme/nobody', 'acme/nobody@acme.example']), theirs);
      assert.equal(new Set(theirs).size, 1, 'Nor that there is a lock.');
      assert.equal((await send(who, code)).status, 422, 'It is locked all the same.');
      assert.ok((await logged(portal, 'acme', 'two-factor.locked')).length > 0);
      const mails = await portal.inbox.mailsTo((await userCalled(portal, who)).email);
      assert.ok(mails.some(({ subject }) => /locked|wrong codes/i.test(subject)));
    });
  }

  it('is not told that a password is the present one while what is typed would set none', async () => {
    await setPolicy(portal, 'acme', { history: 3 });
    const { who } = await somebody();
    const path = await mailResetLink(portal, who);
    const reader = portal.browser();
    const guessed = async (newPassword: string): Promise<string[]> => {
      const answer = await reader.submit(path, path, { newPassword, confirmPassword: `${newPassword}x` });
      return [answer.errorOf('newPassword'), answer.errorOf('confirmPassword')];
    };
    assert.deepEqual(await guessed(PASSWORD), await guessed(NEW));
    const again = { newPassword: PASSWORD, confirmPassword: PASSWORD };
    assert.match((await reader.submit(path, path, again)).errorOf('newPassword'), /used this password before/);
  });

  it('nor by the page that a pass has opened', async () => {
    const { who } = await somebody();
    const browser = portal.browser();
    await enterPass(browser, who, await passFor(portal, who));
    const guessed = async (newPassword: string, confirmPassword: string): Promise<string> => {
      const answer = await browser.submit('/login/password', '/login/password', { newPassword, confirmPassword });
      return answer.errorOf('newPassword');
    };
    assert.equal(await guessed(PASSWORD, NEW), await guessed(NEW, PASSWORD));
    assert.match(await guessed(PASSWORD, PASSWORD), /present password/);
  });

  it('has twenty tries at a new password with each link', async () => {
    await setPolicy(portal, 'acme', { history: 3 });
    const { who } = await somebody();
    const path = await mailResetLink(portal, who);
    const reader = portal.browser();
    const again = { newPassword: PASSWORD, confirmPassword: PASSWORD };
    for (let tries = 0; tries < 20; tries += 1) assert.equal((await reader.submit(path, path, again)).status, 422);
    assert.equal((await reader.submit(path, path, again)).status, 429);
    const newer = await mailResetLink(portal, who);
    assert.equal((await reader.submit(newer, newer, { newPassword: NEW, confirmPassword: NEW })).status, 303);
  });
});
