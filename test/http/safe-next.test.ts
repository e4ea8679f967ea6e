import assert from 'node:assert/strict';
import fc from 'fast-check';
import { safeNext } from '#server/http/safe-next.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

/** Ways to leave a portal that only looks at the first character. */
const EVIL = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/%5c/../\\evil',
  'https://evil.example',
  'HTTPS:evil.example',
  'https:/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '@evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/\0/evil.example',
  '/ /evil.example',
  '/\u0085/evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/a/..//evil.example',
  '/%2e%2e//evil.example',
  '/.\\/evil.example',
  '',
  '?',
  '#',
  '/login',
  '/LOGIN',
  '/login?next=/security',
  '/login/password',
  '/logout',
  '/Logout',
  '/confirm',
  '/Confirm?next=/x',
  '/../login',
  '/%6cogin/../login',
  `/${'x'.repeat(1001)}`,
];

describe('Where a sign-in leads to', () => {
  const origin = 'https://portal.example';

  it('Never leaves this portal, and never leads back to signing in', () => {
    for (const next of [...EVIL, ['/security'], { toString: () => '/security' }, null, undefined, 7])
      assert.equal(safeNext(next), '/', String(next));
  });

  it('Is the page that was asked for', () => {
    for (const next of [
      '/security',
      '/admin/users?q=a%20b&page=2',
      '/security#sessions',
      '/a//b',
      '/~x',
      '/login-help',
      '/%2f%2fevil.example',
      '/x?y=//z',
    ]) {
      assert.equal(safeNext(next), next);
    }
    assert.equal(safeNext('/é?ü'), '/%C3%A9?%C3%BC');
    assert.equal(safeNext('/a/../b'), '/b');
  });

  it('Is on this portal for whatever anybody makes up', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '/',
        '\\',
        '.',
        '..',
        '//',
        'evil.example',
        ':',
        '@',
        '%2f',
        '%5c',
        '?',
        '#',
        '\t',
        '\r',
        ' ',
        'http:',
        'a',
        '\u2028',
        '．',
        '／',
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((some) => some.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (next) => {
          const url = new URL(safeNext(next), origin);
          assert.equal(url.origin, origin);
          // What a browser makes of a Location header that begins with two slashes or a backslash.
          assert.doesNotMatch(safeNext(next), /^\/[/\\]|[\u0000-\u0020\u007f-\uffff]/);
        },
      ),
      { numRuns: 3000 },
    );
  });

  describe('at the real doors', () => {
    let portal: Portal;
    before(async () => {
      portal = await startPortal();
    });
    after(() => portal.close());

    it('Signing in, being signed in already, and confirming all stay here', async () => {
      for (const next of EVIL.filter((one) => one !== '' && one.length < 900).slice(0, 12)) {
        const browser = portal.browser();
        assert.equal((await browser.tryToSignIn('acme/uma', PASSWORD, next)).location, '/', next);
        assert.equal((await browser.get(`/login?next=${encodeURIComponent(next)}`)).location, '/', next);
        assert.equal((await browser.submit('/confirm', '/confirm', { password: PASSWORD, next })).location, '/', next);
        assert.equal((await browser.get(`/confirm?next=${encodeURIComponent(next)}`)).valueOf('next'), '/', next);
      }
      assert.equal(
        (await portal.browser().tryToSignIn('acme/uma', PASSWORD, '/security/sessions')).location,
        '/security/sessions',
      );
    });

    it('Whoever asks for a page without being signed in comes back to it', async () => {
      const browser = portal.browser();
      const answer = await browser.get('/security/activity?before=9');
      assert.equal(answer.location, '/login?next=%2Fsecurity%2Factivity%3Fbefore%3D9');
      const page = await browser.get(answer.location);
      const signedIn = await browser.post('/login', {
        ...page.form('/login'),
        organization: 'acme',
        username: 'uma',
        password: PASSWORD,
      });
      assert.equal(signedIn.location, '/security/activity?before=9');
    });
  });
});
