import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { KnownKey } from '#models/known-key.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Services } from '#server/context.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { startJobs } from '#server/jobs/index.js';
import { noteKeys } from '#server/keys/known.js';
import { createKeyring } from '#server/lib/keyring.js';
import { startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';

describe('A secret key that nobody has been told of', () => {
  let portal: Portal;
  const keys: { id: string; bytes: Buffer }[] = [];
  const contextOf = (services: Services) => contextWithoutRequest(services, SYSTEM, 'job');
  const withNewKey = (): Services => {
    keys.unshift({ id: `k${keys.length + 1}`, bytes: randomBytes(32) });
    return { ...portal.services, keys: createKeyring(keys) };
  };
  const told = async (): Promise<number[]> => [
    await SecurityEvent.count({ where: { event: 'key.rotated' } }),
    await OutboxMessage.count({ where: { event: 'key-rotated' } }),
  ];
  const noted = async (): Promise<string[]> =>
    (await KnownKey.findAll({ order: ['id'] })).map(({ id, retiredAt }) => (retiredAt === null ? id : `(${id})`));
  before(async () => {
    portal = await startPortal();
    keys.push(...portal.config.secretKeys);
    await noteKeys(contextOf(portal.services), tellOfRotation);
  });
  after(() => portal.close());

  it('is told of once, by however many processes that find it at the same moment', async () => {
    const services = withNewKey();
    await Promise.all([1, 2, 3].map(() => noteKeys(contextOf(services), tellOfRotation)));
    assert.deepEqual(await noted(), ['(k1)', 'k2']);
    assert.deepEqual(await told(), [1, 1]);
  });

  it('is still told of where the process that found it came to no end', async () => {
    const context = contextOf(withNewKey());
    const killed = (): Promise<void> => Promise.reject(new Error('killed'));
    await assert.rejects(noteKeys(context, killed), /killed/);
    assert.deepEqual(await noted(), ['(k1)', 'k2']);
    await noteKeys(context, tellOfRotation);
    assert.deepEqual(await noted(), ['(k1)', '(k2)', 'k3']);
    assert.deepEqual(await told(), [2, 2]);
  });

  it('is told of by a portal that runs: nobody has to restart it, or to end the rotation', async () => {
    const jobs = startJobs(withNewKey(), portal.inbox);
    await until(async () => (await told())[0] === 3, 60);
    await jobs.stop();
    assert.deepEqual(await noted(), ['(k1)', '(k2)', '(k3)', 'k4']);
  });
});
