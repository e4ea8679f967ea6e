import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import type { Fields } from '../support/browser.js';
import { snapshotOf } from '../support/snapshot.js';
import type { Slow } from '../support/slow-body.js';
import { titleOf } from '../support/routes.js';
import { userCalled } from '../support/users.js';
import { GOOD_FORMS, type GoodForm } from './authority-forms.js';
import { setTheScene, type Scene, type Sender } from './authority-scene.js';
import { MOMENTS, isDone, isNotDone } from './authority-trial.js';
import { WAYS, type Ground } from './authority-ways.js';

/** Not tried here, with the reason. */
const ELSEWHERE: Record<string, string> = {
  '/setup/:code': 'Stands on nobody’s authority but on its code, which one conditional update takes.',
};
/** Change nothing, so that only what they answer can be held. */
const READING = new Set([
  '/admin/security-policy/preview',
  '/admin/roles/preview',
  '/admin/roles/:id/preview',
  '/security/tokens/preview',
  '/admin/users/:id/tokens/preview',
  '/admin/notifications/:event/preview',
  '/admin/organisation/preview',
]);

describe('A form whose sender loses the right to it while it is still being sent does nothing', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    putAllBack = await snapshotOf(scene.portal.database);
  });
  after(() => scene.portal.close());

  const posts = routes.filter(({ method, path }) => method === 'post' && !(path in ELSEWHERE));

  it('Every form of the portal is among them', () => {
    const known = [...Object.keys(GOOD_FORMS), ...Object.keys(ELSEWHERE)].sort();
    assert.deepEqual(
      routes
        .filter(({ method }) => method === 'post')
        .map(({ path }) => path)
        .sort(),
      known,
    );
  });

  for (const route of posts) {
    it(titleOf(route), async () => {
      const good = GOOD_FORMS[route.path];
      assert.ok(good);
      const faults: string[] = [];
      await good.first?.(scene);
      const standing = await groundOf(route, good);
      const ways = WAYS.filter((way) => way.concerns(standing) && !(good.despite && way.name in good.despite));
      const done = await isDone(scene, formOf(route, good), READING.has(route.path));
      for (const way of ways) {
        for (const moment of MOMENTS) {
          await putAllBack();
          await good.first?.(scene);
          const ground = await groundOf(route, good);
          const left = { news: good.news ?? [], spent: good.spent ?? [] };
          const fault = await isNotDone(scene, formOf(route, good), moment, () => way.take(ground), done, left);
          if (fault !== null) faults.push(`${way.name}, ${moment}: ${fault}`);
        }
      }
      await putAllBack();
      assert.deepEqual(faults, []);
    });
  }

  function formOf({ path }: Route, good: GoodForm): Slow {
    const sender = good.from(scene);
    return {
      method: 'POST',
      path: good.path?.(scene) ?? path,
      headers: headersOf(sender),
      body: encoded({ _csrf: sender.csrf, ...good.fields(scene) }),
    };
  }

  function headersOf({ browser }: Sender): Record<string, string> {
    return {
      ...browser.headers,
      Host: new URL(scene.portal.url).host,
      Origin: scene.portal.url,
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/x-www-form-urlencoded',
      Cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    };
  }

  async function groundOf({ access }: Route, good: GoodForm): Promise<Ground> {
    const sender = good.from(scene);
    const { userId, tenantId, sessionId } = sender;
    const permission = access.who === 'permitted' ? access.permission : null;
    const whose = good.whose ? await userCalled(scene.portal, good.whose(scene)) : { id: userId, tenantId };
    return {
      on: good.on ?? 'session',
      userId: whose.id,
      tenantId: whose.tenantId,
      sessionId,
      permission,
      ownRole: sender !== scene.operator,
      platform: sender === scene.operator,
      now: scene.portal.clock.now(),
    };
  }
});

function encoded(fields: Fields): string {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
  return body.toString();
}
