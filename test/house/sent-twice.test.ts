import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import type { Browser, Page } from '../support/browser.js';
import { contentsAgain } from '../support/database.js';
import { hrefOfDisavowal } from '../support/disavowal.js';
import { snapshotOf } from '../support/snapshot.js';
import { titleOf } from '../support/routes.js';
import { GOOD_FORMS } from './authority-forms.js';
import { setTheScene, type Scene, type Sender } from './authority-scene.js';

/** Not tried here, with the reason. */
const ELSEWHERE: Record<string, string> = {
  '/setup/:code': 'There is one first start: test/features/sent-twice.test.ts.',
  '/account/export': 'A download is made anew each time that it is asked for, and each stands in the log.',
  '/platform/tenants/:id/export': 'A download is made anew each time that it is asked for, and each stands in the log.',
};

/** What stands on the log, which nothing puts back, has to be made anew each time. */
const ANEW: Record<string, (scene: Scene) => Promise<string>> = {
  '/security/activity/:id/disavowal': async ({ desk: { browser } }) => {
    await browser.submit('/security/api-key', '/security/api-key');
    return hrefOfDisavowal(await browser.open('/security/activity'));
  },
};

describe('A form that is sent twice is done once, and answered the same both times', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    const putRowsBack = await snapshotOf(scene.portal.database);
    const jars = senders().map(({ browser }) => ({ browser, cookies: [...browser.cookies] }));
    putAllBack = async () => {
      await putRowsBack();
      for (const { browser, cookies } of jars) {
        browser.cookies.clear();
        for (const [name, value] of cookies) browser.cookies.set(name, value);
      }
    };
  });
  after(() => scene.portal.close());

  for (const route of routes.filter(({ method, path }) => method === 'post' && !(path in ELSEWHERE))) {
    it(titleOf(route), async () => {
      const once = await trial(route, async (send) => [await send()]);
      assert.ok(
        once.answers[0] && once.answers[0].status < 400,
        `It is done: ${once.answers[0]?.status} ${once.answers[0]?.heading} ${once.answers[0]?.alert}`,
      );

      const afterwards = await trial(route, async (send, look, browser) => {
        const first = await send();
        const done = [await look(), [...browser.cookies]];
        const second = await send();
        assert.deepEqual([await look(), [...browser.cookies]], done, 'The second sending changes nothing.');
        return [first, second];
      });
      sameAnswer(afterwards.answers);

      const together = await trial(route, (send) => Promise.all([send(), send(), send()]));
      sameAnswer(together.answers);
      const given = together.answers.map(cookiesOf);
      for (const cookies of given) assert.deepEqual(cookies, given[0]);
      assert.deepEqual(together.changes, once.changes, 'Three at once change what one changes.');
    });
  }

  type Look = () => Promise<Record<string, string[]>>;

  async function trial(
    { path }: Route,
    work: (send: () => Promise<Page>, look: Look, browser: Browser) => Promise<Page[]>,
  ) {
    await putAllBack();
    const good = GOOD_FORMS[path];
    assert.ok(good);
    await good.first?.(scene);
    const { browser, csrf } = good.from(scene);
    const to = (await ANEW[path]?.(scene)) ?? good.path?.(scene) ?? path;
    const fields = { _csrf: csrf, _form: randomBytes(16).toString('base64url'), ...good.fields(scene) };
    const look: Look = async () => {
      const { answered_forms: _, ...contents } = await contentsAgain(scene.portal.database);
      return contents;
    };
    const before = await look();
    const answers = await work(() => browser.post(to, fields), look, browser);
    return { answers, changes: changesIn(before, await look()) };
  }

  function senders(): Sender[] {
    return [...new Set(Object.values(GOOD_FORMS).map(({ from }) => from(scene)))];
  }
});

function sameAnswer(answers: readonly Page[]): void {
  const [first, ...others] = answers.map((page) => ({
    status: page.status,
    location: page.location,
    heading: page.heading,
    secrets: page.document.querySelectorAll('[data-secret]').map(({ text }) => text),
  }));
  for (const other of others) assert.deepEqual(other, first);
}

function cookiesOf({ headers }: Page): string[] {
  return [headers['set-cookie'] ?? []].flat().sort();
}

/** How many rows of each table went and came. */
function changesIn(before: Record<string, string[]>, after: Record<string, string[]>): Record<string, number[]> {
  const changes: Record<string, number[]> = {};
  for (const [table, rows] of Object.entries(after)) {
    const [was, is] = [new Set(before[table]), new Set(rows)];
    const gone = [...was].filter((row) => !is.has(row)).length;
    const come = [...is].filter((row) => !was.has(row)).length;
    if (gone + come > 0) changes[table] = [gone, come];
  }
  return changes;
}
