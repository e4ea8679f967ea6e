import assert from 'node:assert/strict';
import { RecoveryCode } from '#models/recovery-code.js';
import { useFactors } from '#server/identity/factor-kind.js';
import { FACTOR_KINDS } from '#server/identity/factor-kinds.js';
import { MINUTE } from '#server/lib/clock.js';
import { giveIce, ICE, ICE_CODE } from '../support/another-factor.js';
import type { Browser, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { programOf, withBasic } from '../support/programs.js';
import { givePasskeys } from '../support/passkeys.js';
import { enrol, halfSignedIn, isSignedIn, sendCode, setPolicy, toMidStep } from '../support/second-factor.js';
import { TAKINGS, undoLink } from '../support/two-person.js';
import { pageOf, userCalled } from '../support/users.js';

const UMA = 'acme/uma';
const STEP = '/login/two-factor';

describe('A kind of second factor that is one file and one row', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
    useFactors([...FACTOR_KINDS, ICE]);
    await giveIce(await userCalled(portal, UMA));
  });
  afterEach(async () => {
    useFactors(FACTOR_KINDS);
    await portal.close();
  });

  const withIce = async (): Promise<[Browser, Page]> => {
    const browser = await halfSignedIn(portal, UMA);
    return [browser, await sendCode(browser, ICE_CODE)];
  };
  const uma = () => userCalled(portal, UMA);

  it('is asked for after the password, refused where it is wrong, and told of the session', async () => {
    const browser = await halfSignedIn(portal, UMA);
    assert.match((await browser.open(STEP)).text, /stand in the ice before uma/);
    assert.ok(!(await isSignedIn(browser)));
    const wrong = await sendCode(browser, '111111');
    assert.equal(wrong.status, 422);
    assert.equal((await sendCode(browser, ICE_CODE)).status, 303);
    assert.ok(await isSignedIn(browser));
    assert.equal((await logged(portal, 'acme', 'two-factor.failed')).length, 1);
    const { body } = await (await programOf(portal, UMA)).get('/me/sessions');
    const [session] = (body as { data: { amr: string[] }[] }).data;
    assert.deepEqual(session?.amr, ['pwd', 'otp', 'mfa']);
  });

  it('locks with all that is typed, and opens no door that takes a password alone', async () => {
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    assert.equal((await withBasic(portal, UMA, PASSWORD).get('/me')).status, 401);
    const half = [1, 2, 3].map(() => halfSignedIn(portal, UMA));
    const [first, second, third] = (await Promise.all(half)) as [Browser, Browser, Browser];
    for (const browser of [first, second]) for (let tries = 0; tries < 5; tries += 1) await sendCode(browser, '111111');
    assert.equal((await sendCode(third, ICE_CODE)).status, 429);
    assert.ok(!(await isSignedIn(third)));
  });

  it('is missing with all others where nobody has told the process of any: then nobody gets in, rather than everybody', async () => {
    useFactors([]);
    await assert.rejects(portal.signedIn('acme/umar'), /500/);
  });

  it('stands beside an app, each on its page, and neither takes what the other shows', async () => {
    const { phone } = await enrol(portal, 'acme/umar');
    await giveIce(await userCalled(portal, 'acme/umar'));
    const browser = await halfSignedIn(portal, 'acme/umar');
    const first = await browser.open(STEP);
    assert.match(first.text, /authenticator app/);
    const [other = ''] = first.links().filter((link) => link.startsWith(`${STEP}?`));
    const second = await browser.open(other);
    assert.match(second.text, /in the ice/);
    const ice = { ...second.form(STEP), code: phone.nextCode() };
    assert.equal((await browser.post(STEP, ice)).status, 422);
    assert.equal((await sendCode(browser, ICE_CODE)).status, 422);
    assert.equal((await browser.post(STEP, { ...ice, code: ICE_CODE })).status, 303);
    assert.ok(await isSignedIn(browser));
  });

  it('goes with the app where an administrator disables what is typed, and the question names both, and the recovery codes', async () => {
    const owner = await portal.signedIn('acme/olivia');
    await enrol(portal, 'acme/umar');
    const umar = () => userCalled(portal, 'acme/umar');
    await giveIce(await umar());
    const { id, tenantId } = await umar();
    const question = async () => (await owner.open(pageOf(id))).text;
    assert.match(await question(), /That takes the authenticator app, the ice code and the recovery codes/);
    await givePasskeys(portal, await umar());
    assert.match(await question(), /That takes the authenticator app and the ice code: no code is asked for then/);
    await TAKINGS['two-factor-removal']?.(owner, await umar());
    assert.equal(await ICE.has(await umar()), false);
    assert.equal((await umar()).twoFactor, 'disabled');
    assert.ok((await RecoveryCode.left(tenantId, id)) > 0, 'These stand in for the passkeys.');
  });

  it('confirms what is sensitive', async () => {
    const [browser] = await withIce();
    portal.clock.move(20 * MINUTE);
    const page = await browser.open('/confirm');
    assert.ok('code' in page.form('/confirm'));
    const alone = await browser.submit('/confirm', '/confirm', { password: PASSWORD, code: '' });
    assert.equal(alone.status, 422);
    const done = await browser.submit('/confirm', '/confirm', { password: PASSWORD, code: ICE_CODE });
    assert.equal(done.status, 303);
  });

  it('is what a policy demands: of who has it nothing more is asked, and no list says that they lack one', async () => {
    const adam = await programOf(portal, 'acme/adam');
    const names = async (query: string): Promise<string[]> => {
      const { body } = await adam.get(`/users?q=uma&${query}`);
      return (body as { data: { username: string }[] }).data.map(({ username }) => username);
    };
    assert.ok((await names('secondFactor=yes')).includes('uma'));
    assert.ok(!(await names('secondFactor=no')).includes('uma'));
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    const [browser] = await withIce();
    assert.equal((await browser.get('/security')).status, 200);
    const { body } = await (await programOf(portal, UMA)).get('/me/checkup');
    assert.ok(!JSON.stringify(body).includes('no-second-factor'));
    assert.equal((await (await portal.signedIn('acme/umar')).get('/')).location, '/login/two-factor/setup');
  });

  it('counts in the overview, in what the check-up finds, and in what a policy would demand', async () => {
    const people = [await userCalled(portal, 'acme/adam'), await userCalled(portal, 'acme/umar')];
    const [browser, olivia] = [await portal.signedIn('acme/olivia'), await programOf(portal, 'acme/olivia')];
    const told = async () => {
      const overview = /have a second factor (\d+) with one/.exec((await browser.open('/admin')).text)?.[1];
      const demanded = (await olivia.post('/security-policy/preview', { twoFactor: 'required' })).body['effects'];
      const { findings } = (await olivia.get('/checkup')).body as { findings: { item: string; who: string[] }[] };
      const admins = findings.find(({ item }) => item === 'admins-without-second-factor')?.who ?? [];
      return {
        have: Number(overview),
        must: (demanded as { peopleToSetUp: number }).peopleToSetUp,
        adam: admins.some((name) => name.startsWith('Adam')),
      };
    };
    const before = await told();
    assert.ok(before.adam);
    for (const person of people) await giveIce(person);
    assert.deepEqual(await told(), { have: before.have + 2, must: before.must - 2, adam: false });
  });

  it('is listed to its owner, to administrators and by the API', async () => {
    const [browser] = await withIce();
    assert.match((await browser.open('/security')).text, /Two-factor By ice code/);
    const adam = await portal.signedIn('acme/adam');
    assert.match((await adam.open(pageOf((await uma()).id))).text, /Beside the passwordIce code/);
    const { body } = await (await programOf(portal, 'acme/adam')).get(`/users/${(await uma()).id}/factors`);
    assert.deepEqual((body as { data: object[] }).data, [{ id: 'ice', label: 'ice code', asked: true }]);
  });

  it('is taken by an administrator, told of, and put back by its owner', async () => {
    const adam = await portal.signedIn('acme/adam');
    assert.match(
      (await adam.open(pageOf((await uma()).id))).text,
      /That takes the ice code: no code is asked for then/,
    );
    const taken = await TAKINGS['two-factor-removal']?.(adam, await uma());
    assert.equal(taken?.status, 303);
    assert.equal((await logged(portal, 'acme', 'two-factor.disabled')).length, 1);
    assert.equal(await ICE.has(await uma()), false);
    const path = await undoLink(portal, 'uma@acme.example');
    assert.match((await portal.browser().submit(path, path)).location, /^\/login/);
    const [browser] = await withIce();
    assert.ok(await isSignedIn(browser));
  });
});
