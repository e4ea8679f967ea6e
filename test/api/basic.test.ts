import assert from 'node:assert/strict';
import { SshKey } from '#models/ssh-key.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import { clearCounters } from '../support/database.js';
import { watchHashing } from '../support/hashing.js';
import { logged } from '../support/links.js';
import { happened } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, generateFor, withBasic } from '../support/programs.js';
import { Program } from '../support/program.js';
import { beginSetup, setPolicy } from '../support/second-factor.js';
import { asTheWriteBegins } from '../support/write-begins.js';

describe('HTTP Basic on the API', () => {
  let portal: Portal;
  let password: string;
  beforeEach(async () => {
    portal = await startPortal();
    password = await generateFor(portal, 'acme/uma', 'password');
  });
  afterEach(() => portal.close());

  const verdict = async (user: string, secret: string): Promise<string> => {
    const { status, code } = await withBasic(portal, user, secret).get('/me');
    return `${status} ${code}`.trim();
  };
  const raw = async (text: string | Buffer): Promise<string> => {
    const { status, code } = await new Program(portal, {
      Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    }).get('/me');
    return `${status} ${code}`.trim();
  };

  it('takes the API password of the very user it names, in whatever case that is written', async () => {
    for (const user of ['acme/uma', 'ACME/Uma', 'acme/ＵＭＡ'])
      assert.equal(await verdict(user, password), '200', user);
    for (const user of [
      'acme/umar',
      'globex/uma',
      'uma',
      '/uma',
      'acme/',
      'acme',
      '',
      'acme/uma/',
      'acme/uma/x',
      'acme//uma',
      'acme/uma@acme.example',
    ]) {
      assert.equal(await verdict(user, password), '401 invalid_credentials', user);
    }
  });

  it('splits at the first colon, and takes what is malformed for nobody’s', async () => {
    assert.equal(await raw(`acme/uma:${password}`), '200');
    for (const text of [
      `acme/uma:x:${password}`,
      `acme:uma:${password}`,
      `acme/uma${password}`,
      `acme/uma:`,
      ':',
      '',
      `acme/uma:${password}\0`,
      `ac\0me/uma:${password}`,
      `acme/uma\n:${password}`,
    ]) {
      portal.clock.move(MINUTE);
      assert.equal(await raw(text), '401 invalid_credentials', JSON.stringify(text.slice(0, 20)));
    }
    assert.equal(await raw(Buffer.from([0x61, 0x2f, 0xff, 0x3a, 0x62])), '401 invalid_credentials');
    portal.clock.move(MINUTE);
    for (const given of ['%%%', 'acme/uma', '=']) {
      const { status } = await new Program(portal, { Authorization: `Basic ${given}` }).get('/me');
      assert.equal(status, 401, given);
    }
  });

  describe('with the sign-in password', () => {
    it('is refused, unless the policy allows it', async () => {
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials');
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      assert.equal(await verdict('acme/uma', PASSWORD), '200');
      assert.equal(await verdict('globex/gina', PASSWORD), '401 invalid_credentials');
    });

    it('takes a password that has a colon in it', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      await User.update(
        { passwordHash: await portal.services.passwords.hash('a:b:c/d long enough') },
        { where: { id: portal.idOf('acme/uma') } },
      );
      assert.equal(await verdict('acme/uma', 'a:b:c/d long enough'), '200');
    });

    it('acts with all the rights of the user', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      const { body } = await withBasic(portal, 'acme/adam', PASSWORD).get('/me');
      assert.deepEqual(body['credential'], { id: null, kind: 'password' });
      assert.equal((await withBasic(portal, 'acme/adam', PASSWORD).get('/users')).status, 200);
    });

    it('works only while two-factor authentication is disabled; the API password goes on', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      assert.equal(await verdict('acme/uma', PASSWORD), '200');
      await beginSetup(portal, await portal.signedIn('acme/uma'));
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials', 'pending');
      await User.update({ twoFactor: 'active' }, { where: { id: portal.idOf('acme/uma') } });
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials', 'active');
      assert.equal(await verdict('acme/uma', password), '200');
    });

    it('is worth nothing where a second factor is demanded, even in the days of grace', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true, twoFactor: 'required', graceDays: 30 });
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials');
      assert.equal(await verdict('acme/uma', password), '200');
    });

    it('is worth nothing once it must be changed', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials');
      await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
      assert.equal(await verdict('acme/uma', PASSWORD), '200');
      await setPolicy(portal, 'acme', { maxAgeDays: 1 });
      portal.clock.move(2 * 24 * 60 * MINUTE);
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials', 'Expired.');
    });

    const MEANWHILE: Readonly<Record<string, () => Promise<unknown>>> = {
      'the account was disabled': () => User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/uma') } }),
      'the organisation was suspended': () => Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } }),
      'the account has changed': () => User.increment('epoch', { where: { id: portal.idOf('acme/uma') } }),
      'the policy was switched': () => setPolicy(portal, 'acme', { allowPasswordOnApi: false }),
    };
    for (const [name, change] of Object.entries(MEANWHILE))
      it(`is refused when, while it was being looked at, ${name}`, async () => {
        await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
        watchHashing(portal).before = async () => void (await change());
        assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials');
      });

    it('leaves the trace of a wrong one where the policy does not allow it, so that nobody tests it here unseen', async () => {
      const hashing = watchHashing(portal);
      for (const secret of [PASSWORD, 'wrong']) await verdict('acme/uma', secret);
      assert.equal((await logged(portal, 'acme', 'sign-in.failed')).length, 1, 'Both are told of in the same words.');
      assert.equal(await happened(portal, 'acme', 'sign-in.failed'), 2);
      assert.equal(hashing.verified, 2);
    });

    it('writes nothing when the account changes as the write begins', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      const addKey = async (): Promise<number> => {
        const key = { name: 'Laptop', publicKey: freshSshKey() };
        return (await withBasic(portal, 'acme/uma', PASSWORD).post('/me/ssh-keys', key)).status;
      };
      assert.equal(await addKey(), 201);
      const change = () => User.increment('epoch', { where: { id: portal.idOf('acme/uma') } });
      const hasBegun = asTheWriteBegins(portal.database, change);
      assert.equal(await addKey(), 401);
      assert.ok(hasBegun());
      assert.equal(await SshKey.count({ where: { userId: portal.idOf('acme/uma') } }), 1);
    });

    it('counts as a failed sign-in when it is wrong: the account is locked, for pages and programs alike', async () => {
      await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
      for (let failure = 1; failure <= 5; failure += 1)
        assert.equal(await verdict('acme/uma', 'wrong'), '401 invalid_credentials');
      assert.equal(await verdict('acme/uma', PASSWORD), '401 invalid_credentials', 'Locked.');
      assert.notEqual((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 303);
      assert.equal(await happened(portal, 'acme', 'sign-in.failed'), 7);
      assert.equal((await logged(portal, 'acme', 'account.locked')).length, 1);
      assert.equal((await logged(portal, 'acme', 'sign-in.failed'))[0]?.['door'], 'api');
      assert.equal(await verdict('acme/uma', password), '200', 'The API password cannot be guessed, and goes on.');
    });

    it('counts against the address too, also where the policy does not allow it', async () => {
      for (let failure = 1; failure <= 10; failure += 1) {
        assert.equal(await verdict(`acme/nobody${failure}`, 'wrong'), '401 invalid_credentials', String(failure));
      }
      assert.equal(await verdict('acme/nobody', 'wrong'), '429 too_many_requests');
      assert.equal(await verdict('acme/uma', password), '200', 'Whoever has a secret that nobody can guess goes on.');
      await clearCounters(portal.database);
      assert.equal(await verdict('acme/nobody', 'wrong'), '401 invalid_credentials');
    });
  });

  it('says of a wrong user, a wrong password and a wrong organisation one and the same', async () => {
    const answers = [];
    for (const [user, secret] of [
      ['acme/uma', 'wrong'],
      ['acme/nobody', 'wrong'],
      ['nowhere/uma', 'wrong'],
      ['acme/umar', password],
    ] as const) {
      const { body, status } = await withBasic(portal, user, secret).get('/me');
      answers.push(JSON.stringify([status, body]));
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
  });
});
