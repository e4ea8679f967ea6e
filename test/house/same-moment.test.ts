import assert from 'node:assert/strict';
import type { ApiRoute } from '#server/api/route.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import { Program } from '../support/program.js';
import { bearer, tokenFor } from '../support/programs.js';
import { titleOf } from '../support/routes.js';
import { snapshotOf } from '../support/snapshot.js';
import { addSomebody } from '../support/users.js';
import { GOOD_CALLS } from './authority-calls.js';
import { GOOD_FORMS } from './authority-forms.js';
import { setTheScene, type Scene, type Sender } from './authority-scene.js';

type Caller = Pick<Sender, 'browser' | 'csrf'>;

const nameOf = ({ method, path }: ApiRoute): string => `${method.toUpperCase()} ${path}`;

/** Calls that change something and have no body, or one that is not in that list. */
const WITHOUT_BODY: Readonly<Record<string, { from?: 'operator'; path(ids: Scene['ids']): string }>> = {
  'POST /security-log/verification': { path: () => '/security-log/verification' },
  'POST /security-log/checkpoints': { path: () => '/security-log/checkpoints' },
  'POST /me/export': { path: () => '/me/export' },
  'DELETE /users/:id': { path: ({ uma = '' }) => `/users/${uma}` },
  'DELETE /users/:id/sessions': { path: ({ uma = '' }) => `/users/${uma}/sessions` },
  'DELETE /users/:id/credentials': { path: ({ uma = '' }) => `/users/${uma}/credentials` },
  'DELETE /roles/:id': { path: ({ spareRole = '' }) => `/roles/${spareRole}` },
  'DELETE /tenants/:id': { from: 'operator', path: ({ globex = '' }) => `/tenants/${globex}` },
  'POST /tenants/:id/export': { from: 'operator', path: ({ globex = '' }) => `/tenants/${globex}/export` },
  'POST /tenants/:id/invitation': { from: 'operator', path: ({ globex = '' }) => `/tenants/${globex}/invitation` },
};

describe('Of several who make the same call at one moment each has an answer that tells what became of it', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  let callers: Record<'desk' | 'operator', Program[]>;
  before(async () => {
    scene = await setTheScene();
    const { portal, tokens } = scene;
    await addSomebody(portal, 'platform/otto', 'operator');
    const other = async (who: string): Promise<Program> => bearer(portal, (await tokenFor(portal, who)).secret);
    callers = {
      desk: [bearer(portal, tokens.desk.secret), await other('acme/expert'), await other('acme/olivia')],
      operator: [bearer(portal, tokens.operator.secret), await other('platform/otto')],
    };
    putAllBack = await snapshotOf(portal.database);
  });
  after(() => scene.portal.close());

  for (const route of apiRoutes) {
    const name = nameOf(route);
    const { [name]: good } = GOOD_CALLS;
    const { [name]: bare } = WITHOUT_BODY;
    if (good === undefined && bare === undefined) continue;
    it(name, async () => {
      await putAllBack();
      scene.portal.clock.move(MINUTE);
      await good?.first?.(scene);
      const path = bare?.path(scene.ids) ?? good?.path?.(scene) ?? route.path;
      const from = bare ? (bare.from ?? 'desk') : good?.from === 'operator' ? 'operator' : 'desk';
      const programs = good?.from === 'nobody' ? [new Program(scene.portal)] : callers[from];
      const body = good?.body(scene);
      const answers = await Promise.all([...programs, ...programs].map((one) => one.send(route.method, path, body)));
      // What each may be answered is in the document, which the program holds it against; an error of ours is not.
      const statuses = answers.map(({ status }) => status);
      assert.ok(
        statuses.some((status) => status < 300),
        `${statuses.join()} ${answers[0]?.text.slice(0, 200) ?? ''}`,
      );
      assert.ok(statuses.some((status) => status < 400) && statuses.every((status) => status < 500), statuses.join());
    });
  }
});

describe('Of several who send the same form at one moment each has an answer that tells what became of it', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  let others: Record<'/admin' | '/platform', Caller>;
  before(async () => {
    scene = await setTheScene();
    const { portal } = scene;
    await addSomebody(portal, 'platform/otto', 'operator');
    others = { '/admin': await another('acme/olivia'), '/platform': await another('platform/otto') };
    putAllBack = await snapshotOf(portal.database);
  });
  after(() => scene.portal.close());
  const another = async (who: string): Promise<Caller> => {
    const browser = await scene.portal.signedIn(who);
    return { browser, csrf: await browser.csrf('/security') };
  };

  for (const route of routes) {
    const { [route.path]: good } = GOOD_FORMS;
    const place = (['/admin', '/platform'] as const).find((one) => route.path.startsWith(one));
    if (route.method !== 'post' || good === undefined || place === undefined) continue;
    it(titleOf(route), async () => {
      await putAllBack();
      await good.first?.(scene);
      const path = good.path?.(scene) ?? route.path;
      const fields = good.fields(scene);
      const senders = [good.from(scene), others[place], good.from(scene), others[place]];
      const answers = await Promise.all(
        senders.map(({ browser, csrf }) => browser.post(path, { ...fields, _csrf: csrf })),
      );
      const statuses = answers.map(({ status }) => status);
      assert.ok(statuses.some((status) => status < 400) && statuses.every((status) => status < 500), statuses.join());
    });
  }
});
