import assert from 'node:assert/strict';
import type { ApiRoute } from '#server/api/route.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import { snapshotOf } from '../support/snapshot.js';
import type { Slow } from '../support/slow-body.js';
import { BY_ANYBODY, GOOD_CALLS, READING, type GoodCall } from './authority-calls.js';
import { setTheScene, type Scene } from './authority-scene.js';
import { MOMENTS, isDone, isNotDone, type Left } from './authority-trial.js';
import { WAYS, type Ground } from './authority-ways.js';

/** Tables in which the refusal itself leaves something: a credential at a forbidden address is mailed to its owner. */
const LEFT: Readonly<Record<string, Left>> = {
  'the sender is outside the addresses of the organisation': { news: ['outbox_messages'], spent: [] },
};

describe('A call whose credential loses the right to it while it is still being sent does nothing', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    putAllBack = await snapshotOf(scene.portal.database);
  });
  after(() => scene.portal.close());

  const withBody = apiRoutes.filter(({ method, body }) => method !== 'get' && body !== null);

  it('Every call that has a body is among them', () => {
    assert.deepEqual(withBody.map(nameOf).sort(), Object.keys(GOOD_CALLS).sort());
  });

  for (const route of withBody.filter((one) => !BY_ANYBODY.has(nameOf(one)))) {
    it(nameOf(route), async () => {
      const good = GOOD_CALLS[nameOf(route)];
      assert.ok(good && good.from !== 'nobody');
      const faults: string[] = [];
      await good.first?.(scene);
      const done = await isDone(scene, callOf(route, good), READING.has(nameOf(route)));
      for (const way of WAYS) {
        const ground = groundOf(route, good.from);
        if (!way.concerns(ground)) continue;
        for (const moment of MOMENTS) {
          await putAllBack();
          await good.first?.(scene);
          const fault = await isNotDone(
            scene,
            callOf(route, good),
            moment,
            () => way.take(ground),
            done,
            LEFT[way.name],
          );
          if (fault !== null) faults.push(`${way.name}, ${moment}: ${fault}`);
        }
      }
      await putAllBack();
      // What is refused is counted by the minute, for all of one address.
      scene.portal.clock.move(MINUTE);
      assert.deepEqual(faults, []);
    });
  }

  function callOf(route: ApiRoute, good: GoodCall): Slow {
    const body = good.body(scene);
    const secret = good.from === 'nobody' ? null : scene.tokens[good.from].secret;
    return {
      method: route.method,
      path: `/api/v1${good.path?.(scene) ?? route.path}`,
      headers: {
        Host: new URL(scene.portal.url).host,
        'Content-Type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
        ...(secret === null ? {} : { Authorization: `Bearer ${secret}` }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  }

  function groundOf({ access }: ApiRoute, from: 'desk' | 'operator'): Ground {
    const { userId, tenantId } = scene[from];
    return {
      on: 'credential',
      userId,
      tenantId,
      credentialId: scene.tokens[from].id,
      permission: access.who === 'permitted' ? access.permission : null,
      wholeCredential: access.who === 'wholeCredential',
      ownRole: from === 'desk',
      platform: from === 'operator',
      now: scene.portal.clock.now(),
    };
  }
});

function nameOf({ method, path }: ApiRoute): string {
  return `${method.toUpperCase()} ${path}`;
}
