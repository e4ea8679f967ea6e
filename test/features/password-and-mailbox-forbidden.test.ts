import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { assertClauses } from '../support/clauses.js';
import { clearCounters } from '../support/database.js';
import { mailResetLink } from '../support/links.js';
import {
  NEW_PASSKEY,
  RECOVERY,
  addPasskey,
  forbidPasswords,
  signInAlone,
  withPasskey,
  type Keyed,
} from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { withBasic } from '../support/programs.js';
import { isSignedIn, setPolicy } from '../support/second-factor.js';
import { addSomebody, userCalled } from '../support/users.js';
import { disavowalPath, lockPasswords, takeLink } from '../house/pathway-doors.js';

const NEW_PASSWORD = 'copper-lantern-meadow-57';
const LONG_AGO = 90 * 86_400_000;

describe('Who has the password and the mailbox of somebody whose password opens nothing', () => {
  let portal: Portal;
  let who: string;
  let own: Keyed;
  let thief: Browser;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    who = `acme/prey${(count += 1)}`;
    await addSomebody(portal, who, 'user');
    await setPolicy(portal, 'acme', { passwordSignIn: 'allowed', allowPasswordOnApi: true });
    own = await withPasskey(portal, who);
    await forbidPasswords(portal);
    thief = portal.browser();
  });
  after(() => portal.close());

  /** By the words that docs/security.md begins each clause with. */
  const CLAUSES: Readonly<Record<string, () => Promise<void>>> = {
    async 'Not sign in'() {
      assert.equal((await thief.tryToSignIn(who, PASSWORD)).status, 422);
      for (const path of [NEW_PASSKEY, '/login/two-factor/setup', '/login/two-factor'])
        assert.match((await thief.get(path)).location, /^\/login/, path);
      assert.equal((await withBasic(portal, who, PASSWORD).get('/me')).status, 401);
    },

    async 'Set a new password with a mailed link'() {
      const path = await mailResetLink(portal, who);
      const fields = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
      assert.equal((await thief.submit(path, path, fields)).status, 303);
      assert.equal(await isSignedIn(own.browser), false);
      assert.equal((await thief.tryToSignIn(who, NEW_PASSWORD)).status, 422);
    },

    async 'Say "This wasn\'t me"'() {
      const { id: userId } = await userCalled(portal, who);
      await Passkey.update({ createdAt: portal.clock.now() - LONG_AGO }, { where: { userId } });
      assert.equal((await takeLink(portal, await disavowalPath(portal, who)))?.status, 303);
      assert.equal(await isSignedIn(own.browser), false);
      assert.equal((await thief.tryToSignIn(who, PASSWORD)).status, 422);
      const owner = portal.browser();
      assert.equal((await signInAlone(owner, own.key)).status, 303);
      assert.equal(await isSignedIn(owner), true);
    },

    async 'Lock new browsers out'() {
      const known = portal.browser();
      await signInAlone(known, own.key);
      await known.submit('/security', '/logout');
      await lockPasswords(portal, who);
      await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'account/%'`);
      assert.equal((await signInAlone(portal.browser(), own.key)).status, 422);
      assert.equal((await signInAlone(known, own.key)).status, 303);
    },

    async 'With a recovery code besides'() {
      const [organization = '', username = ''] = who.split('/');
      const recoveryCode = own.codes[0] ?? '';
      await thief.submit(RECOVERY, RECOVERY, { organization, username, recoveryCode });
      assert.equal((await addPasskey(thief, new Authenticator())).status, 303);
      const told = (await portal.inbox.mailsTo((await userCalled(portal, who)).email)).map(({ subject }) => subject);
      for (const what of [/recovery code/i, /new sign-in|signed in|new browser/i, /passkey/i])
        assert.ok(
          told.some((subject) => what.test(subject)),
          `${String(what)}: ${told.join(', ')}`,
        );
      assert.equal((await takeLink(portal, await disavowalPath(portal, who)))?.status, 303);
      assert.equal(await isSignedIn(thief), false);
    },
  };

  it('can do what docs/security.md says, and no clause of it is without its test', () => {
    assertClauses('test/features/password-and-mailbox-forbidden.test.ts', CLAUSES);
  });

  for (const [words, holds] of Object.entries(CLAUSES)) it(`“${words} …”`, holds);
});
