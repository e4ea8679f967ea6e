import assert from 'node:assert/strict';
import supertest from 'supertest';
import { EVENT_NAMES } from '#server/trace/events.js';
import { startPortal, type Portal } from '../support/portal.js';

const TOKEN = 'metrics-token-for-tests';

describe('The figures for Prometheus', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
  });
  after(() => portal.close());
  const scrape = async (): Promise<string> =>
    (await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`)).text;

  it('are there for who knows the token', async () => {
    await portal.signedIn('acme/uma');
    const answer = await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'] as string, /^text\/plain; version=/);
    assert.match(answer.text, /^process_resident_memory_bytes \d+/m);
    assert.match(answer.text, /^gatehouse_sessions_seen 1$/m);
  });

  it('whatever the case of the word Bearer is', async () => {
    for (const [sent, status] of [
      [`bearer ${TOKEN}`, 200],
      [`BEARER  ${TOKEN}`, 200],
      [`Basic ${TOKEN}`, 404],
      [TOKEN, 404],
      [`bearer ${TOKEN.toUpperCase()}`, 404],
    ] as const)
      assert.equal((await supertest(portal.app).get('/metrics').set('Authorization', sent)).status, status, sent);
  });

  it('count requests by the route as it is written, never by what was asked for', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    await olivia.get(`/admin/users/${portal.idOf('acme/uma')}`);
    await supertest(portal.app).get('/nowhere/at-all');
    const text = await scrape();
    assert.match(text, /^gatehouse_http_requests_total\{method="GET",route="\/admin\/users\/:id",status="200"\} 1$/m);
    assert.match(text, /^gatehouse_http_requests_total\{method="GET",route="none",status="404"\} \d+$/m);
    assert.match(
      text,
      /^gatehouse_http_request_duration_seconds_count\{method="GET",route="\/admin\/users\/:id"\} 1$/m,
    );
    assert.doesNotMatch(text, new RegExp(`nowhere|${portal.idOf('acme/uma')}`));
  });

  it('call a route of the API by its whole path, however a call went', async () => {
    const id = portal.idOf('acme/uma');
    for (const path of ['/users', '/users/', `/users/${id}`, '/me']) await supertest(portal.app).get(`/api/v1${path}`);
    await supertest(portal.app).get('/api/openapi.json');
    const routes = [
      ...(await scrape()).matchAll(/^gatehouse_http_requests_total\{method="GET",route="(\/api[^"]*)"/gm),
    ];
    const found = routes.map(([, route]) => route).sort();
    assert.deepEqual(found, ['/api/openapi.json', '/api/v1/me', '/api/v1/users', '/api/v1/users/:id']);
  });

  it('count sign-ins by what came of them and at which factor, and lockouts', async () => {
    const before = await scrape();
    const was = (line: RegExp): number => Number(line.exec(before)?.[1] ?? 0);
    const succeeded = /^gatehouse_sign_ins_total\{result="succeeded",factor="password"\} (\d+)$/m;
    const failed = /^gatehouse_sign_ins_total\{result="failed",factor="password"\} (\d+)$/m;
    const locked = /^gatehouse_lockouts_total\{kind="account"\} (\d+)$/m;
    await portal.signedIn('acme/adam');
    const stranger = portal.browser();
    for (let tries = 0; tries < 5; tries += 1)
      await stranger.submit('/login', '/login', { organization: 'acme', username: 'umar', password: `wrong ${tries}` });
    const text = await scrape();
    assert.equal(Number(succeeded.exec(text)?.[1]), was(succeeded) + 1);
    assert.equal(Number(failed.exec(text)?.[1]), was(failed) + 5);
    assert.equal(Number(locked.exec(text)?.[1]), was(locked) + 1);
  });

  it('are not there for anybody else', async () => {
    assert.equal((await supertest(portal.app).get('/metrics')).status, 404);
    assert.equal((await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}x`)).status, 404);
  });

  it('begin at nothing for all that may happen: of what first appears as one, no increase would be seen', async () => {
    const other = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
    const { text } = await supertest(other.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
    await other.close();
    const lines = new Set(text.split('\n'));
    for (const event of EVENT_NAMES) assert.ok(lines.has(`gatehouse_security_events_total{event="${event}"} 0`), event);
    assert.ok(lines.has('gatehouse_lockouts_total{kind="account"} 0'));
    for (const result of ['failed', 'succeeded'])
      assert.ok(lines.has(`gatehouse_sign_ins_total{result="${result}",factor="password"} 0`), result);
  });

  it('are not there at all where no token is set', async () => {
    const other = await startPortal();
    assert.equal((await supertest(other.app).get('/metrics').set('Authorization', 'Bearer null')).status, 404);
    await other.close();
  });
});
