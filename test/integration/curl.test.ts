import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { DAY } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { generate, makeToken, TOKENS } from '../support/credentials.js';
import { listeningPortal, type ListeningPortal } from '../support/listening.js';
import { PASSWORD } from '../support/portal.js';
import { finished } from '../support/process.js';
import { describeUnless, missing } from './programs.js';

interface Answer {
  status: number;
  /** The username, or why not. */
  says: string;
  /** The lines of the answer's head, and the body. */
  text: string;
}

describeUnless(missing('curl'))('What docs/api.md shows to be typed with curl', () => {
  let portal: ListeningPortal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await listeningPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  async function curl(path: string, ...args: string[]): Promise<Answer> {
    const child = spawn('curl', ['-sS', '-i', '-m', '20', ...args, `${portal.url}/api${path}`]);
    const { code, stdout, stderr } = await finished(child);
    assert.deepEqual([code, stderr], [0, '']);
    const [head = '', body = ''] = stdout.split('\r\n\r\n');
    const { username, code: reason = username } = JSON.parse(body || '{}') as { username?: string; code?: string };
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), says: reason ?? '', text: stdout };
  }
  const me = async (...args: string[]): Promise<string> => {
    const { status, says } = await curl('/v1/me', ...args);
    return `${status} ${says}`;
  };
  const bearer = (secret: string): string[] => ['-H', `Authorization: Bearer ${secret}`];
  const apiKey = (secret: string): string[] => ['-H', `X-API-Key: ${secret}`];

  it('A token and the key as Bearer or X-API-Key, the API password by -u: each is its owner', async () => {
    const { secret } = await makeToken(uma);
    const key = await generate(uma, 'api-key');
    const password = await generate(uma, 'api-password');
    for (const args of [bearer(secret), apiKey(secret), bearer(key), apiKey(key), ['-u', `acme/uma:${password}`]])
      assert.equal(await me(...args), '200 uma', args[1]);
  });

  it('What is wrong, missing, of another or sent in another way is nobody’s, and the answer says how to do it', async () => {
    const { secret } = await makeToken(uma);
    const password = await generate(uma, 'api-password');
    const wrong = [
      [],
      bearer('ght_wrong'),
      bearer(`${secret.slice(0, -6)}000000`),
      apiKey('wrong'),
      bearer(password),
      ['-u', `acme/uma:${secret}`],
      ['-u', `acme/umar:${password}`],
      ['-u', `globex/uma:${password}`],
      ['-u', `uma:${password}`],
      ['-u', `acme/uma:${password}x`],
      // Off, as long as the policy does not allow it.
      ['-u', `acme/uma:${PASSWORD}`],
    ];
    for (const args of wrong) assert.equal(await me(...args), '401 invalid_credentials', args.join(' '));
    const { text } = await curl('/v1/me');
    assert.match(text, /^www-authenticate: Bearer realm="Gatehouse", Basic realm="Gatehouse"/im);
    assert.match(text, /^content-type: application\/problem\+json/im);
    assert.match(text, /^ratelimit-remaining: \d+\r$/im);
  });

  it('What was revoked or replaced is dead at once, what has expired from that moment, and both are told apart', async () => {
    const [lost, old] = [await makeToken(uma), await makeToken(uma, { months: '1' })];
    const key = await generate(uma, 'api-key');
    const password = await generate(uma, 'api-password');
    await uma.submit(`${TOKENS}/${lost.id}`, `${TOKENS}/${lost.id}/removal`);
    assert.equal(await me(...bearer(lost.secret)), '401 token_revoked');
    const nextKey = await generate(uma, 'api-key');
    assert.equal(await me(...apiKey(key)), '401 token_revoked');
    assert.equal(await me(...apiKey(nextKey)), '200 uma');
    await uma.submit('/security/api-password', '/security/api-password/removal');
    assert.equal(await me('-u', `acme/uma:${password}`), '401 token_revoked');
    assert.equal(await me(...bearer(old.secret)), '200 uma');
    portal.clock.move(32 * DAY);
    assert.equal(await me(...bearer(old.secret)), '401 token_expired');
  });

  it('A token that was found in the open is reported without signing in, and dead from then on', async () => {
    const { secret } = await makeToken(uma);
    const body = JSON.stringify({ tokens: [secret] });
    const { status } = await curl('/v1/credentials/leaked', '-H', 'Content-Type: application/json', '-d', body);
    assert.equal(status, 202);
    assert.equal(await me(...bearer(secret)), '401 token_revoked');
  });

  it('Whoever asks too often is told how long to wait', async () => {
    let last = await curl('/v1/me');
    for (let calls = 1; calls < 61; calls += 1) last = await curl('/v1/me');
    assert.deepEqual([last.status, last.says], [429, 'too_many_requests']);
    assert.match(last.text, /^retry-after: \d+\r$/im);
  });
});
