import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import type { Browser } from '../support/browser.js';
import { basic, call, generate, secretOn, verdictOn } from '../support/credentials.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, enrol, setPolicy, signedInWith } from '../support/second-factor.js';

const PATH = '/security/api-password';

describe('The API password', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const asBasic = async (user: string, password: string): Promise<string> => {
    const { status, code } = await call(portal, '/forward-auth', basic(user, password));
    return `${status} ${code}`.trim();
  };

  it('is generated, shown once, and signs in by HTTP Basic under the name that the page gives', async () => {
    assert.match((await uma.open(PATH)).text, /Username for HTTP Basic: acme\/uma/);
    const page = await uma.submit(PATH, PATH);
    const password = secretOn(page, 'api-password');
    assert.match(password, /^ghp_/);
    assert.match(page.text, /curl -u acme\/uma http/);
    assert.equal(await asBasic('acme/uma', password), '200');
    assert.ok(!(await uma.open(PATH)).html.includes(password.slice(17)));
    assert.ok((await uma.open(PATH)).text.includes(password.slice(0, 17)));
  });

  it('is worth nothing under another name, or as a bearer', async () => {
    const password = await generate(uma, 'api-password');
    for (const user of ['acme/umar', 'globex/uma', 'uma', '/uma', 'acme/'])
      assert.equal(await asBasic(user, password), '401 invalid_credentials', user);
    assert.equal(await verdictOn(portal, password), '401 invalid_credentials');
    assert.equal((await call(portal, '/forward-auth', { 'X-API-Key': password })).status, 401);
  });

  it('does not sign in to the portal', async () => {
    const password = await generate(uma, 'api-password');
    assert.equal((await portal.browser().tryToSignIn('acme/uma', password)).status, 422);
  });

  it('is replaced by a new one, after a warning, and the old one is dead at once', async () => {
    const old = await generate(uma, 'api-password');
    assert.match((await uma.open(PATH)).text, /Generate a new API password\?/);
    const password = await generate(uma, 'api-password');
    assert.equal(await asBasic('acme/uma', old), '401 token_revoked');
    assert.equal(await asBasic('acme/uma', password), '200');
    await uma.submit(PATH, `${PATH}/removal`);
    assert.equal(await asBasic('acme/uma', password), '401 token_revoked');
  });

  it('and the API key leave each other alone', async () => {
    const password = await generate(uma, 'api-password');
    const key = await generate(uma, 'api-key');
    await uma.submit('/security/api-key', '/security/api-key/removal');
    assert.equal(await asBasic('acme/uma', password), '200');
    assert.equal(await verdictOn(portal, key), '401 token_revoked');
    assert.equal(await ApiCredential.count({ where: { revokedAt: null } }), 1);
  });

  it('is the only one that the API takes, unless the policy lets programs use the sign-in password', async () => {
    assert.match((await uma.open(PATH)).text, /Your sign-in password is not taken there/);
    assert.equal(await asBasic('acme/uma', PASSWORD), '401 invalid_credentials');
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    assert.match((await uma.open(PATH)).text, /lets programs use your sign-in password, too/);
    assert.equal(await asBasic('acme/uma', PASSWORD), '200');
  });

  it('is the only one once two-factor authentication is pending or active, whatever the policy says', async () => {
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    const password = await generate(uma, 'api-password');
    await beginSetup(portal, uma);
    assert.equal(await asBasic('acme/uma', PASSWORD), '401 invalid_credentials');
    assert.match((await uma.open(PATH)).text, /Your sign-in password is not taken there/);
    await uma.submit('/security/two-factor', '/security/two-factor/cancellation');
    assert.equal(await asBasic('acme/uma', PASSWORD), '200');
    const { phone } = await enrol(portal, 'acme/uma');
    await signedInWith(portal, 'acme/uma', phone);
    assert.equal(await asBasic('acme/uma', PASSWORD), '401 invalid_credentials');
    assert.equal(await asBasic('acme/uma', password), '200');
  });
});
