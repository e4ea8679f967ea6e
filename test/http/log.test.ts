import assert from 'node:assert/strict';
import { mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('The log of requests', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('Has a line for each request: what was asked, how it went, how long it took, and nothing else', async () => {
    portal.logLines.length = 0;
    const answer = await portal.browser().get('/login?organization=acme', { 'User-Agent': 'a browser', Cookie: 'a=b' });
    const [line = '', ...more] = portal.logLines;
    assert.deepEqual(more, []);
    const { time, level, ms, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(rest, {
      requestId: answer.headers['x-request-id'],
      method: 'GET',
      path: '/login',
      status: 200,
      msg: 'request',
    });
    assert.ok(time !== undefined && level !== undefined && typeof ms === 'number');
  });

  it('Tells the whole path, of a call of the API too, however it went', async () => {
    const id = portal.idOf('acme/uma');
    const paths = ['/api/v1/users', `/api/v1/users/${id}`, '/api/v1/nowhere', '/api/openapi.json', '/nowhere'];
    portal.logLines.length = 0;
    for (const path of paths) await portal.browser().get(`${path}?before=1`);
    const told = portal.logLines.map((line) => JSON.parse(line) as { msg: string; path: string });
    assert.deepEqual(
      told.filter(({ msg }) => msg === 'request').map(({ path }) => path),
      paths,
    );
  });

  it('Never has a password, a code, a token, a cookie, a query or a name', async () => {
    const browser = portal.browser();
    portal.logLines.length = 0;
    await browser.tryToSignIn('acme/uma', 'a-wrong-password-4711');
    await browser.signIn('acme/uma', PASSWORD);
    await browser.get('/security/activity?before=4711');
    await browser.submit('/security', '/security/password', {
      currentPassword: PASSWORD,
      newPassword: 'short',
      confirmPassword: 'short',
    });
    const link = await mailResetLink(portal, 'acme/adam');
    const visitor = portal.browser();
    await visitor.get(link);
    await visitor.get(link.toUpperCase().replace('/PASSWORD/RESET/', '/Password/RESET/'));
    const token = link.split('/').at(-1) ?? '';
    for (const path of [
      `/setup/${token}`,
      `/invitations/${token}`,
      `/INVITATIONS/${token}`,
      `/email/confirm/${token}`,
      `/disavowal/${token}`,
    ])
      await visitor.get(path);
    await browser.submit('/security', '/logout');
    const log = portal.logLines.join('\n').toLowerCase();
    const secrets = [
      'a-wrong-password-4711',
      PASSWORD,
      'before=',
      'uma',
      'firefox',
      '127.0.0.1',
      '_csrf',
      'gatehouse=',
      token,
      ...browser.cookies.values(),
    ];
    for (const secret of secrets) assert.ok(!log.includes(secret.toLowerCase()), secret);
  });
});
