import assert from 'node:assert/strict';
import supertest from 'supertest';
import { startPortal, type Portal } from '../support/portal.js';

const TOKEN = 'metrics-token-for-tests';

describe('The figures for Prometheus', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { METRICS_TOKEN: TOKEN } });
  });
  after(() => portal.close());

  it('are there for who knows the token', async () => {
    await portal.signedIn('acme/uma');
    const answer = await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'] as string, /^text\/plain; version=/);
    assert.match(answer.text, /^process_resident_memory_bytes \d+/m);
    assert.match(answer.text, /^gatehouse_sessions_seen 1$/m);
  });

  it('are not there for anybody else', async () => {
    assert.equal((await supertest(portal.app).get('/metrics')).status, 404);
    assert.equal((await supertest(portal.app).get('/metrics').set('Authorization', `Bearer ${TOKEN}x`)).status, 404);
  });

  it('are not there at all where no token is set', async () => {
    const other = await startPortal();
    assert.equal((await supertest(other.app).get('/metrics').set('Authorization', 'Bearer null')).status, 404);
    await other.close();
  });
});
