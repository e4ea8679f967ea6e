import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import { giveRoles, tokenFor } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';
import { servePortal, type ServedPortal, type Tab } from './support.js';

const LONG = 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzbeauftragte';

/** What of a page stands where it is while the rest goes under it, and by how much it covers the screen. */
const STUCK = `[...document.querySelectorAll('body *')]
  .filter((one) => getComputedStyle(one).position === 'sticky' && one.checkVisibility())
  .map((one) => one.className || one.tagName)`;

/** Whether what has the focus is seen: what lies at its middle is of it. */
const SEEN = `(() => {
  const one = document.activeElement;
  const { left, top, width, height } = one.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return !!there && (one.contains(there) || there.contains(one));
})()`;

/** The words of what these elements say that go on in another line in their midst. */
const brokenIn = (elements: string): string => `[...document.querySelectorAll('${elements}')].flatMap((one) => {
  const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const { 0: word, index } of text.data.matchAll(/(?<![^\\s-])[^\\s-]{1,10}(?![^\\s-])/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      if (range.getClientRects().length > 1) broken.push(word);
    }
  return broken;
})`;

describe('Room for what is read', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
    const { id, tenantId } = await userCalled(portal, 'acme/uma');
    const role = { description: LONG, permissions: '["users:read"]', createdAt: 1 };
    await giveRoles({ id, tenantId }, [await Role.create({ ...role, tenantId, name: LONG })]);
    await User.update({ name: LONG }, { where: { id } });
    await tokenFor(portal, 'acme/uma', { role: LONG });
    await tokenFor(portal, 'acme/adam');
    for (let at = 0; at < 12; at += 1) await addSomebody(portal, `acme/s${at}`, 'user');
  });
  after(() => portal.close());

  const chooseOne = (page: Page): Promise<void> => page.locator('tbody .cell-select input').first().check();
  const scrollTo = (page: Page, top: number): Promise<unknown> =>
    page.evaluate(`scrollTo({ top: ${top}, behavior: 'instant' })`);

  it('is kept by the bar at the top to the end of a page, with the head of a list right below it', async () => {
    const { page, close } = await portal.tabOf('acme/olivia', { viewport: { width: 1280, height: 500 } });
    await page.goto('/admin/users');
    await scrollTo(page, 650);
    const edges = await page.evaluate<number[]>(
      `[document.querySelector('.topbar'), document.querySelector('thead th')].flatMap((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom])`,
    );
    assert.equal(edges[0], 0);
    assert.equal(edges[2], edges[1]);
    await close();
  });

  it('is not taken by what stays in sight, at 400 % and on a phone that lies on its side', async () => {
    for (const viewport of [
      { width: 320, height: 256 },
      { width: 844, height: 390 },
    ]) {
      const { page, close } = await portal.tabOf('acme/olivia', { viewport });
      await page.goto('/admin/users');
      await chooseOne(page);
      assert.deepEqual(await page.evaluate(STUCK), []);
      await page.goto('/admin/security-policy');
      assert.deepEqual(await page.evaluate(STUCK), []);
      await page.goto('/security/tokens');
      await page.getByRole('link', { name: 'New token' }).click();
      await page.locator('dialog[open]').waitFor();
      assert.deepEqual(await page.evaluate(STUCK), []);
      await page.keyboard.press('Escape');
      // The menu goes with the bar that it opens from.
      await page.locator('.phone-menu summary').click();
      const between = `document.querySelector('.side').getBoundingClientRect().top - document.querySelector('.topbar').getBoundingClientRect().bottom`;
      await scrollTo(page, 60);
      assert.equal(await page.evaluate(between), 0);
      await close();
    }
  });

  it('is left for what has the focus: no bar and no head of a list lies on it (WCAG 2.4.11)', async () => {
    const { page, close } = await portal.tabOf('acme/olivia', { reducedMotion: 'reduce' });
    const hidden: string[] = [];
    const goThrough = async (times: number, key = 'Tab'): Promise<void> => {
      for (let at = 0; at < times; at += 1) {
        await page.keyboard.press(key);
        // It is scrolled to with the next frame.
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        if (await page.evaluate<boolean>('document.activeElement === document.body')) return;
        if (!(await page.evaluate<boolean>(SEEN)))
          hidden.push(await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 80)'));
      }
    };
    await page.goto('/admin/security-policy');
    await page.locator('[name=minLength]').focus();
    await goThrough(40);
    await page.goto('/admin/users');
    await chooseOne(page);
    await goThrough(24);
    await goThrough(24, 'Shift+Tab');
    assert.deepEqual(hidden, []);
    await close();
  });

  it('is shared by the columns: a long name breaks no other name, and pushes no column out', async () => {
    const { page, close } = await portal.tabOf('acme/olivia');
    const found: string[] = [];
    for (const width of [768, 1024, 1280])
      for (const path of ['/admin/security-log', '/admin/credentials', '/admin/roles']) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        const broken = await page.evaluate<string[]>(brokenIn('.cell-party a'));
        const wide = await page.evaluate<number>(
          `Math.max(...[...document.querySelectorAll('.table-wrap')].map((one) => one.scrollWidth - one.clientWidth))`,
        );
        if (broken.length > 0) found.push(`${path} at ${width}: ${broken.join(', ')}`);
        if (wide > 0) found.push(`${path} at ${width}: ${wide} px`);
      }
    assert.deepEqual(found, []);
    await close();
  });

  it('is enough for the exact times that stand in a list where no script runs', async () => {
    const { page, close } = await portal.tabOf('acme/olivia', { javaScriptEnabled: false });
    for (const path of ['/admin/users', '/admin/credentials']) {
      await page.goto(path);
      const wrap = page.locator('.table-wrap');
      const { width = 0, x = 0 } = (await wrap.boundingBox()) ?? {};
      for (const cell of await page.locator('td:has(time)').all()) {
        const box = await cell.evaluate(
          (one: { scrollWidth: number; clientWidth: number }) => one.scrollWidth - one.clientWidth,
        );
        assert.ok(box <= 0, `${path}: ${await cell.innerText()}`);
      }
      const { width: table = 0, x: left = 0 } = (await page.locator('table').first().boundingBox()) ?? {};
      assert.ok(left + table <= x + width + 1, path);
    }
    await close();
  });

  it('is found in a narrow box for the words of a number that is a time', async () => {
    await portal.signedIn('globex/gina');
    portal.clock.move(33 * MINUTE);
    const { page, close } = await portal.tabOf('platform/opal', { viewport: { width: 320, height: 640 } });
    await page.goto('/platform/tenants');
    await page.locator('tbody a', { hasText: 'Globex' }).click();
    await page.getByText('33 minutes ago').waitFor();
    assert.deepEqual(await page.evaluate(brokenIn('.stat-number')), []);
    await close();
  });

  it('stands between the reason for a change of many and the button that begins it', async () => {
    const { page, close } = await portal.tabOf('acme/olivia');
    await page.goto('/admin/users');
    await chooseOne(page);
    await page.getByLabel('Do', { exact: true }).selectOption({ label: 'End all sessions' });
    await page.getByRole('button', { name: 'Review' }).click();
    const reason = await page.getByLabel('Why').boundingBox();
    const begin = await page.getByRole('button', { name: /^End all sessions/ }).boundingBox();
    const cancel = await page.getByRole('button', { name: 'Cancel' }).boundingBox();
    assert.ok(reason && begin && cancel);
    assert.ok(begin.y - (reason.y + reason.height) >= 12);
    assert.ok(cancel.y < begin.y + begin.height && cancel.x - (begin.x + begin.width) < 40, 'Cancel stands beside it.');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Nothing was done').first().waitFor();
    await close();
  });
});

describe('What only colour or place would tell', () => {
  let portal: ServedPortal;
  let tab: Tab;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());
  afterEach(() => tab.close());

  const styleOf = (selector: string, property: string): Promise<string> =>
    tab.page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);

  it('is told without: in the colours that somebody has chosen, marks are seen, and two kinds of bar are two', async () => {
    tab = await portal.tabOf('acme/olivia', { forcedColors: 'active' });
    const wrong = { organization: 'acme', username: 'adam', password: 'not the password' };
    await portal.browser().submit('/login', '/login', wrong);
    await tab.page.goto('/admin');
    assert.notEqual(await styleOf('.chart-bar-danger', 'fill'), await styleOf('.chart-bar-brand', 'fill'));
    assert.equal(await styleOf('.menu-link .icon', 'color'), await styleOf('.menu-link', 'color'));
    await tab.page.goto('/admin/security-policy');
    assert.notEqual(await styleOf('.form-hint .mark', 'backgroundColor'), await styleOf('body', 'backgroundColor'));
  });

  it('is told without: in such colours a box or a choice that is made is seen to be, and which tab is open', async () => {
    tab = await portal.tabOf('acme/olivia', { forcedColors: 'active' });
    const { page } = tab;
    const middleOf = async (selector: string): Promise<string> => {
      const { x, y, width, height } = (await page.locator(selector).boundingBox()) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
      const clip = { x: x + width / 4, y: y + height / 4, width: width / 2, height: height / 2 };
      return (await page.screenshot({ clip })).toString('base64');
    };
    await page.goto('/admin/users/new');
    for (const name of ['mustSetUpTwoFactor', 'onboarding']) {
      const choice = `[name=${name}] >> nth=${name === 'onboarding' ? 1 : 0}`;
      await page.locator(choice).scrollIntoViewIfNeeded();
      const before = await middleOf(choice);
      await page.locator(choice).check();
      assert.notEqual(await middleOf(choice), before, name);
    }
    await page.goto('/admin/security-log');
    const line = (one: string): Promise<string> => styleOf(`.tabs a${one}`, 'borderBottomColor');
    assert.notEqual(await line('[aria-current]'), await line(':not([aria-current])'));
    assert.equal(await line(':not([aria-current])'), await styleOf('body', 'backgroundColor'));
  });

  it('is told more firmly to who asks for more contrast (AAA for words, AA for what parts things)', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      tab = await portal.tabOf('acme/olivia', { colorScheme, contrast: 'more' });
      await tab.page.goto('/admin/users');
      const contrastOf = (selector: string, property: string): Promise<number> =>
        tab.page.evaluate<number>(`(() => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const light = (colour) => {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => {
              const part = one / 255;
              return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const one = light(getComputedStyle(document.querySelector('${selector}'))['${property}']);
          const ground = light(getComputedStyle(document.querySelector('.card')).backgroundColor);
          return (Math.max(one, ground) + 0.05) / (Math.min(one, ground) + 0.05);
        })()`);
      assert.ok((await contrastOf('.cell-note', 'color')) >= 7);
      assert.ok((await contrastOf('.card', 'borderTopColor')) >= 3);
      assert.ok((await contrastOf('[type=search]', 'borderTopColor')) >= 4.5);
      if (colorScheme === 'light') await tab.close();
    }
  });

  it('is said on a phone: which of two states is that of the second factor', async () => {
    tab = await portal.tabOf('acme/olivia', { viewport: { width: 390, height: 844 } });
    await tab.page.goto('/admin/users');
    const said = await tab.page.evaluate<string>(
      `getComputedStyle(document.querySelector('td[data-label="Two-factor"]'), '::before').content`,
    );
    assert.match(said, /2FA/);
  });
});
