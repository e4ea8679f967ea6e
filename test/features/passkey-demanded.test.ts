import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { Role } from '#models/role.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { NEW_PASSKEY, PASSKEYS, addPasskey, sendPasskey, signInAlone, withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { codesOn, enrol, halfSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';
import { newestDetails, userCalled } from '../support/users.js';

const UMA = 'acme/uma';
const DAY = 86_400_000;
const RECOVERY = '/login/recovery';

describe('A role that requires a passkey', () => {
  let portal: Portal;
  let olivia: Browser;
  let path: string;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    const desk = await roleWith(portal, 'acme', ['users:read'], { name: 'Help desk' });
    path = `/admin/roles/${desk.id}`;
    const uma = await userCalled(portal, UMA);
    await giveRoles(uma, [...(uma.roles ?? []), desk]);
  });
  afterEach(() => portal.close());

  const fields = async (more: Fields): Promise<Fields> => ({ ...(await olivia.open(path)).form(path), ...more });
  const demand = async (graceDays = 0): Promise<Page> => {
    await setPolicy(portal, 'acme', { graceDays });
    return olivia.post(path, await fields({ requiresPhishingResistant: 'on' }));
  };
  const where = async (browser: Browser): Promise<string> => (await browser.get('/security')).location;

  it('lets who has none add one, and nothing else, neither by password nor by a code', async () => {
    const { phone } = await enrol(portal, UMA);
    assert.equal((await demand()).status, 303);
    assert.deepEqual(await newestDetails(portal, 'acme', 'role.changed'), {
      role: 'Help desk',
      requiresPhishingResistant: { from: false, to: true },
    });
    const browser = await signedInWith(portal, UMA, phone);
    assert.equal(await where(browser), NEW_PASSKEY);
    const page = await browser.open(NEW_PASSKEY);
    assert.match(page.text, /asks for a passkey, which no false page can pass on: a code is not enough/);
    assert.equal(
      (await browser.post('/security/sessions/others/removal', { _csrf: page.valueOf('_csrf') })).status,
      303,
    );
    assert.equal((await browser.get('/admin/users')).location, NEW_PASSKEY);
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal(await where(browser), '', 'It has been shown.');
    assert.equal(await where(await portal.signedIn('acme/umar')), '', 'Others are not asked.');
  });

  it('is met by a passkey at sign-in; a recovery code lets its owner add the next one alone', async () => {
    const { key, codes } = await withPasskey(portal, UMA);
    await demand(14);
    const alone = portal.browser();
    await signInAlone(alone, key);
    assert.equal(await where(alone), '');
    const beside = await halfSignedIn(portal, UMA);
    await sendPasskey(beside, key);
    assert.equal(await where(beside), '');

    const lost = await halfSignedIn(portal, UMA);
    await lost.submit(RECOVERY, RECOVERY, { recoveryCode: codes[0] ?? '' });
    assert.equal(await where(lost), NEW_PASSKEY);
    assert.equal((await addPasskey(lost, new Authenticator())).status, 303);
    assert.equal(await where(lost), '');
  });

  it('is met in a running session by confirming with a passkey, too', async () => {
    const { key, codes } = await withPasskey(portal, UMA);
    const browser = await halfSignedIn(portal, UMA);
    await browser.submit(RECOVERY, RECOVERY, { recoveryCode: codes[0] ?? '' });
    assert.equal(await where(browser), '');
    await demand(14);
    assert.equal(await where(browser), NEW_PASSKEY);
    assert.ok((await browser.open(NEW_PASSKEY)).links().includes('/confirm?next=/'));
    const page = await browser.open('/confirm?next=/security');
    await browser.post('/confirm/passkey', { ...page.form('/confirm/passkey'), credential: key.get(page) });
    assert.equal(await where(browser), '');
  });

  it('gives days of grace, which a banner names, and then holds for programs as well', async () => {
    const program = await programOf(portal, UMA);
    await demand(7);
    const browser = await portal.signedIn(UMA);
    const page = await browser.open('/security');
    assert.match(page.text, /Add a passkey One of your roles demands it\. From .* on you can go nowhere else/);
    assert.equal((await program.get('/me')).status, 200);
    portal.clock.move(7 * DAY);
    assert.equal(await where(await portal.signedIn(UMA)), NEW_PASSKEY);
    const refused = await program.get('/me');
    assert.equal(refused.status, 401);
    assert.match(String(refused.body['detail']), /must add a passkey first/);
  });

  it('keeps the last passkey, also beside an app', async () => {
    const { phone } = await enrol(portal, UMA);
    const browser = await signedInWith(portal, UMA, phone);
    await addPasskey(browser, new Authenticator());
    await demand();
    const { id } = await Passkey.findOne({ rejectOnEmpty: true });
    const page = await browser.get(`${PASSKEYS}/${id}/removal`);
    assert.equal(page.status, 409);
    assert.match(page.text, /One of your roles demands a passkey, and this is your only one/);
  });

  it('demands nothing while the organisation uses no passkeys', async () => {
    await setPolicy(portal, 'acme', { passkeys: 'off' });
    await demand();
    assert.equal(await where(await portal.signedIn(UMA)), '');
  });

  it('says before it is saved who must add one, and by when, in the portal and by the API', async () => {
    const preview = await olivia.post(`${path}/preview`, await fields({ requiresPhishingResistant: 'on' }));
    assert.match(preview.text, /One person must add a passkey by .*: Uma Ndiaye/);
    assert.equal((await olivia.post(path, preview.form(path))).status, 303, 'What was reviewed is what is saved.');
    const { requiresPhishingResistant } = await Role.findOne({ where: { name: 'Help desk' }, rejectOnEmpty: true });
    assert.ok(requiresPhishingResistant);
    const program = await programOf(portal, 'acme/olivia');
    const id = path.split('/').at(-1) ?? '';
    assert.equal((await program.get(`/roles/${id}`)).body['requiresPhishingResistant'], true);
    const lifted = await program.patch(`/roles/${id}`, { requiresPhishingResistant: false });
    assert.equal(lifted.body['requiresPhishingResistant'], false);
  });

  it('has people among the users who have a passkey, and who have none', async () => {
    await withPasskey(portal, UMA);
    const listed = async (passkey: string): Promise<string> =>
      (await olivia.open(`/admin/users?passkey=${passkey}`)).text;
    assert.match(await listed('yes'), /uma@acme\.example/);
    assert.doesNotMatch(await listed('yes'), /umar@acme\.example/);
    assert.doesNotMatch(await listed('no'), /uma@acme\.example/);
    assert.match(await listed('no'), /umar@acme\.example/);
    const program = await programOf(portal, 'acme/olivia');
    const { data } = (await program.get('/users?passkey=yes')).body as { data: { username: string }[] };
    assert.deepEqual(
      data.map(({ username }) => username),
      ['uma'],
    );
  });

  it('is not lifted by who is bound by it', async () => {
    const user = await userCalled(portal, 'acme/olivia');
    const desk = await Role.findOne({ where: { name: 'Help desk' }, rejectOnEmpty: true });
    await demand(14);
    await giveRoles(user, [...(user.roles ?? []), desk]);
    olivia = await portal.signedIn('acme/olivia');
    const answer = await olivia.post(path, await fields({ requiresPhishingResistant: [] }));
    assert.equal(answer.status, 403);
    assert.match(answer.text, /This role demands a passkey of you as well/);
  });

  it('gives recovery codes with the first passkey of who had nothing', async () => {
    await demand();
    const browser = await portal.signedIn(UMA);
    assert.equal(codesOn(await addPasskey(browser, new Authenticator())).length, 10);
    assert.equal(await where(browser), '');
  });
});
