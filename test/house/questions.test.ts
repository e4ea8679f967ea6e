import assert from 'node:assert/strict';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { routes } from '#server/features/index.js';
import { DAY } from '#server/lib/clock.js';
import type { Page } from '../support/browser.js';
import { contentsAgain } from '../support/database.js';
import { userCalled } from '../support/users.js';
import { setForLater } from './authority-forms-policy.js';
import { GOOD_FORMS } from './authority-forms.js';
import { setTheScene, type Scene, type Sender } from './authority-scene.js';
import { everyPage } from './every-page.js';

/** What destroys something without being called a removal. */
const ALSO: Record<string, (scene: Scene) => Sender> = {
  '/security/two-factor/setup': ({ expert }) => expert,
  '/security/recovery-codes': ({ expert }) => expert,
  '/security/api-key': ({ desk }) => desk,
  '/security/api-password': ({ desk }) => desk,
  '/security/activity/:id/disavowal': ({ desk }) => desk,
  '/platform/tenants/:id/suspension': ({ operator }) => operator,
};
/** The question is the answer to what was chosen in a list. */
const CHOSEN = '/admin/credentials/removal';

describe('Nothing is destroyed by one press', () => {
  let scene: Scene;
  before(async () => {
    scene = await setTheScene();
    const { id: userId, tenantId, epoch } = await userCalled(scene.portal, 'acme/desk');
    const now = scene.portal.clock.now();
    await SecurityPolicy.update({ rememberBrowserDays: 30 }, { where: { tenantId } });
    const live = { epoch, client: 'null', createdAt: now, expiresAt: now + DAY, endedAt: null };
    await RememberedBrowser.update(live, { where: { userId } });
    await setForLater(scene);
  });
  after(() => scene.portal.close());

  const destroying = routes
    .filter(({ method, path }) => method === 'post' && (path.endsWith('/removal') || path in ALSO))
    .map(({ path }) => path);

  for (const path of destroying.filter((one) => one !== CHOSEN)) {
    it(`${path}: the GET of it asks, says what will happen, and changes nothing`, async () => {
      const good = GOOD_FORMS[path];
      assert.ok(good);
      const { browser } = ALSO[path]?.(scene) ?? good.from(scene);
      const at = good.path?.(scene) ?? path;
      const before = await contentsAgain(scene.portal.database);
      const page = await browser.get(at);
      assert.equal(page.status, 200, `${page.status} ${page.location}`);
      assert.ok(page.forms().includes(at), 'Its form does it.');
      assert.match(page.text, TELLING);
      assert.deepEqual(await contentsAgain(scene.portal.database), before);
    });
  }

  it(`${CHOSEN}: what is chosen is asked about first`, async () => {
    const { browser, csrf } = scene.desk;
    const ids = scene.ids['umasToken'] ?? '';
    const before = await contentsAgain(scene.portal.database);
    const page = await browser.post(CHOSEN, { _csrf: csrf, ids });
    assert.match(page.heading, /^Revoke one credential\?/);
    assert.match(page.text, TELLING);
    const { _csrf, _form, ...fields } = page.form(CHOSEN);
    assert.ok(_csrf && _form);
    assert.deepEqual(fields, { ids, confirmed: '1' });
    const { answered_forms: _, ...after } = await contentsAgain(scene.portal.database);
    const { answered_forms: __, ...was } = before;
    assert.deepEqual(after, was);
  });

  it('No page has a button that does it; a link leads to the question', async () => {
    const asks = destroying.filter((path) => path !== CHOSEN).map(patternOf);
    const buttons: string[] = [];
    const links = new Set<string>();
    for (const sender of [scene.desk, scene.expert, scene.operator])
      for (const page of await everyPage(sender.browser)) {
        const destroys = (to: string): boolean =>
          asks.some((one) => one.test(to)) &&
          to !== page.path.split('?')[0] &&
          // Where there is no second factor yet, it begins one.
          (to !== '/security/two-factor/setup' || sender === scene.expert);
        buttons.push(
          ...postsOf(page)
            .filter(destroys)
            .map((to) => `${page.path}: ${to}`),
        );
        for (const link of page.links().map((one) => one.split('?')[0] ?? '')) if (destroys(link)) links.add(link);
      }
    assert.deepEqual(buttons, []);
    const without = destroying.filter((path) => ![...links].some((link) => patternOf(path).test(link)));
    assert.deepEqual(without, NO_LINK);
  });
});

/** Not led to here: asked about after a choice, of an account that has none, or open to programs and old addresses alone. */
const NO_LINK = ['/security/passkeys/:id/removal', CHOSEN];
const TELLING =
  /at once|cannot be undone|for good|any more|no longer work|stops? working|goes with it|There (is|are) \w+ other|asks for a code|Nobody of/;

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[\\w-]{36}')}$`);
}

function postsOf({ document }: Page): string[] {
  return document
    .querySelectorAll('form[method=post]')
    .flatMap((form) => [
      form.getAttribute('action') ?? '',
      ...form.querySelectorAll('[formaction]').map((button) => button.getAttribute('formaction') ?? ''),
    ]);
}
