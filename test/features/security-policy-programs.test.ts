import assert from 'node:assert/strict';
import supertest from 'supertest';
import { SecurityPolicy } from '#models/security-policy.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import type { Browser, Page } from '../support/browser.js';

const DAY = 86_400_000;
const PATH = '/admin/security-policy';

describe('The security policy about second factors, programs and addresses', () => {
  let portal: Portal;
  let owner: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    owner = await portal.signedIn('acme/olivia');
  });
  afterEach(() => portal.close());

  const save = (fields: Record<string, string>): Promise<Page> => owner.submit(PATH, PATH, fields);

  async function tokenOf(who: string, months: string): Promise<string> {
    const browser = await portal.signedIn(who);
    const shown = await browser.submit('/security/tokens/new', '/security/tokens', { name: 'Backup', months });
    return shown.document.querySelector('[data-secret=token]')?.text.trim() ?? '';
  }

  const call = (token: string): supertest.Test =>
    supertest(portal.app).get('/api/v1/me/sessions').set('Authorization', `Bearer ${token}`);

  const refusalOf = async (secret: string): Promise<string | undefined> =>
    ((await call(secret)).body as { code?: string }).code;

  it('tells before it is saved how many people must set up two-factor authentication, and by when', async () => {
    const page = await owner.open(PATH);
    const reviewed = await owner.post(`${PATH}/preview`, {
      ...page.form(PATH),
      twoFactor: 'required',
      graceDays: '10',
    });
    assert.equal(reviewed.status, 200);
    assert.match(reviewed.text, /5 people must set up two-factor authentication by \d+ \w+ \d{4}/);
    assert.equal(
      (await SecurityPolicy.findAll({ where: { twoFactor: 'required' } })).length,
      0,
      'nothing is saved yet',
    );
  });

  it('gives people the days of grace with a banner, and then lets them do nothing but set it up', async () => {
    await save({ twoFactor: 'required', graceDays: '3' });
    const uma = await portal.signedIn('acme/uma');
    assert.match((await uma.open('/security')).text, /From \d+ \w+ \d{4}.* on you can go nowhere else/);
    portal.clock.move(3 * DAY + 1000);
    const late = await portal.signedIn('acme/uma');
    assert.equal((await late.get('/profile')).location, '/login/two-factor/setup');
  });

  it('stops the API credentials of people who have not set up what is demanded', async () => {
    const token = await tokenOf('acme/uma', '3');
    assert.equal((await call(token)).status, 200);
    await save({ twoFactor: 'required', graceDays: '0' });
    assert.equal((await call(token)).status, 401);
  });

  it('shortens API tokens when the cap is lowered, and kills none at once', async () => {
    const token = await tokenOf('acme/uma', '12');
    const page = await owner.open(PATH);
    const reviewed = await owner.post(`${PATH}/preview`, { ...page.form(PATH), tokenMaxMonths: '1' });
    assert.match(reviewed.text, /One API token ends sooner/);
    assert.match(reviewed.text, /Backup\s*Uma Ndiaye\s*uma\s*\d+ \w+ \d{4}[^]*\d+ \w+ \d{4}/);
    assert.equal((await save({ tokenMaxMonths: '1' })).status, 303);
    assert.equal((await call(token)).status, 200);
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /Backup.*now ends on/);
    portal.clock.move(32 * DAY);
    assert.equal(await refusalOf(token), 'token_expired');
  });

  it('tells the administrators when the token of a service account ends sooner, for that one reads no mail', async () => {
    const page = `/admin/users/${portal.idOf('acme/robo')}/tokens`;
    await owner.submit(`${page}/new`, page, { name: 'Deploy', months: '12' });
    assert.equal((await save({ tokenMaxMonths: '1' })).status, 303);
    for (const admin of ['olivia', 'adam']) {
      const { subject, text } = await portal.inbox.newestTo(`${admin}@acme.example`);
      assert.match(subject, /^An API token of robo at Acme now ends on \d+ \w+$/);
      assert.ok(text.includes(`/admin/users/${portal.idOf('acme/robo')}`));
    }
    assert.equal((await portal.inbox.mailsTo('audrey@acme.example')).length, 0);
  });

  it('refuses longer tokens than the cap', async () => {
    await save({ tokenMaxMonths: '2' });
    const uma = await portal.signedIn('acme/uma');
    const refused = await uma.submit('/security/tokens/new', '/security/tokens', { name: 'Long', months: '3' });
    assert.equal(refused.status, 422);
    assert.match(refused.errorOf('months'), /at most 2 months/);
  });

  it('lets the sign-in password through HTTP Basic only where it is switched on', async () => {
    const basic = (): supertest.Test => supertest(portal.app).get('/api/v1/me/sessions').auth('acme/uma', PASSWORD);
    assert.equal((await basic()).status, 401);
    await save({ allowPasswordOnApi: 'on' });
    assert.equal((await basic()).status, 200);
  });

  it('refuses a list of addresses that would lock out whoever saves it, and keeps others out by one that does not', async () => {
    const refused = await save({ allowedIps: '203.0.113.0/24' });
    assert.equal(refused.status, 422);
    assert.match(refused.errorOf('allowedIps'), /lock yourself out/);
    assert.equal((await save({ allowedIps: 'not an address' })).status, 422);
    const token = await tokenOf('acme/uma', '1');
    assert.equal((await save({ allowedIps: '127.0.0.0/8\n::1' })).status, 303);
    assert.equal((await call(token)).status, 200);
    await SecurityPolicy.update({ allowedIps: '203.0.113.0/24' }, { where: { allowedIps: '127.0.0.0/8\n::1' } });
    assert.equal(await refusalOf(token), 'ip_not_allowed');
    assert.equal((await owner.get('/security')).status, 403);
    assert.equal((await owner.get('/login')).status, 303, 'still signed in, and let into nothing');
  });
});
