import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import { addMail, leaveOnly } from '../support/checkup.js';
import { invite } from '../support/links.js';
import { tokenFor } from '../support/programs.js';
import { addSomebody } from '../support/users.js';
import { openablePaths } from './places.js';
import { servePortal, type ServedPortal, type Tab } from './support.js';

const ENTRANCE = ['/login', '/password/forgot', '/login?organization=acme&next=/profile', '/nowhere'];
const PHONE = { width: 390, height: 844 };
const EVERYTHING = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What depends on colours: the rest of a page is the same in the dark. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const MODES = {
  'in light': {},
  'in dark': { colorScheme: 'dark' },
  'on a phone': { viewport: PHONE },
} as const;

describe('Every page in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  async function violations({ page }: Tab, rules: readonly string[] | null = null): Promise<string[]> {
    // What a link has scrolled half under the head of the page is not small.
    await page.evaluate(`scrollTo({ top: 0, behavior: 'instant' })`);
    const axe = new AxeBuilder({ page });
    if (rules === null) axe.withTags(EVERYTHING);
    else axe.withRules([...rules]);
    const { violations: found, incomplete } = await axe.analyze();
    // A name where none may be is left to people to judge; there is nothing to judge.
    found.push(...incomplete.filter(({ id }) => id === 'aria-prohibited-attr'));
    return found.map(
      ({ id, nodes }) =>
        `${page.url()}: ${id} at ${nodes
          .map(({ target }) => String(target))
          .slice(0, 3)
          .join(', ')}`,
    );
  }

  /** By how many pixels what stands in this element is wider than it shows. */
  async function overflowOf({ page }: Tab, element = 'document.documentElement'): Promise<number> {
    return Number(await page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`));
  }

  // On a phone lists are stacked, and what stood beside stands below.
  for (const [where, mode] of Object.entries(MODES)) {
    it(`can be used by everybody (WCAG 2.2 AA), and keeps its own content security policy, ${where}`, async () => {
      const found: string[] = [];
      const rules = where === 'in dark' ? COLOURS : null;
      const visitor = await portal.tab(mode);
      for (const path of ENTRANCE) {
        await visitor.page.goto(path);
        found.push(...(await violations(visitor, rules)));
      }
      found.push(...visitor.complaints.filter((text) => !/status of 404/.test(text)));
      await visitor.close();
      for (const [who, prefix] of [
        ['acme/olivia', ''],
        ['acme/uma', ''],
        ['platform/opal', '/platform'],
      ] as const) {
        const tab = await portal.tabOf(who, mode);
        for (const path of openablePaths(portal, prefix)) {
          const answer = await tab.page.goto(path);
          if (answer?.ok()) found.push(...(await violations(tab, rules)));
        }
        // That some pages are not theirs, or not there, the browser tells too.
        found.push(...tab.complaints.filter((text) => !/status of 40[34]/.test(text)));
        await tab.close();
      }
      assert.deepEqual(found, []);
    });
  }

  it('can be used by everybody where something is only shown on the way: a log entry, a policy, a set-up, a token', async () => {
    const found: string[] = [];
    const tab = await portal.tabOf('acme/olivia');
    const { page } = tab;
    await page.goto('/admin/security-log');
    await page.locator('tbody [data-label=Date] a').last().click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    found.push(...(await violations(tab)));
    await page.goto('/admin/security-policy');
    await page.locator('[name=minLength]').fill('20');
    await page.locator('button', { hasText: 'Review' }).first().click();
    await page.getByRole('heading', { name: 'What changes' }).waitFor();
    found.push(...(await violations(tab)));
    await page.goto('/security/tokens/new');
    await page.getByLabel('Name').fill('Nightly backup');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.locator('[data-secret=token]').waitFor();
    found.push(...(await violations(tab)));
    // Somebody whom no other test needs: they cannot go on before the set-up is done.
    const beginner = await portal.tabOf('acme/umar');
    await beginner.page.goto('/security/two-factor');
    await beginner.page.getByRole('button', { name: 'Enable' }).click();
    await beginner.page.locator('[data-secret=totp]').waitFor();
    found.push(...(await violations(beginner)));
    assert.deepEqual([...found, ...tab.complaints, ...beginner.complaints], []);
    await Promise.all([tab.close(), beginner.close()]);
  });

  it('has no table that scrolls sideways out of reach of the keyboard', async () => {
    const { tenantId } = await User.findByPk(portal.idOf('acme/olivia'), { rejectOnEmpty: true });
    for (let at = 1; at <= 12; at += 1)
      await Role.create({ tenantId, name: `Department number ${at}`, permissions: '["log:read"]', createdAt: at });
    const tab = await portal.tabOf('acme/olivia');
    const stuck: string[] = [];
    for (const width of [390, 768, 1024])
      for (const path of ['/admin/roles', '/admin/users', '/admin/security-log', '/admin/credentials', '/api/docs']) {
        await tab.page.setViewportSize({ width, height: 900 });
        await tab.page.goto(path);
        assert.ok(new URL(tab.page.url()).pathname === path, `${path} leads to ${tab.page.url()}`);
        const tables = await tab.page.evaluate<string[]>(
          `[...document.querySelectorAll('.table-wrap')]
            .filter((one) => one.scrollWidth > one.clientWidth)
            .filter((one) => one.tabIndex < 0 || !one.matches('[role=region]:is([aria-label], [aria-labelledby])'))
            .map((one) => one.textContent.trim().slice(0, 20))`,
        );
        stuck.push(...tables.map((name) => `${path} at ${width}: ${name}`));
      }
    assert.deepEqual(stuck, []);
    await tab.close();
  });

  it('fits a phone, and a desk at 400 %: nothing is wider than the screen (WCAG 1.4.10)', async () => {
    await leaveOnly(portal, 'owner', 'acme/olivia');
    const tab = await portal.tabOf('acme/olivia');
    const wide: string[] = [];
    for (const width of [320, 390, 640]) {
      await tab.page.setViewportSize({ width, height: 800 });
      for (const path of openablePaths(portal)) {
        await tab.page.goto(path);
        const overflow = await overflowOf(tab);
        if (overflow > 0) wide.push(`${path} at ${width}: ${overflow} px`);
      }
    }
    assert.deepEqual(wide, []);
    await tab.close();
  });

  it('shows every column of the users on a usual screen, without a bar to scroll them', async () => {
    const tab = await portal.tabOf('acme/adam', { viewport: { width: 1280, height: 800 } });
    await tab.page.goto('/admin/users');
    assert.equal(await overflowOf(tab, 'document.querySelector(".table-wrap")'), 0);
    await tab.close();
  });

  it('shows ten people, seven rows of the log and nine credentials at once on a usual screen', async () => {
    for (const name of ['ada', 'bo', 'cy', 'di', 'ed']) await addSomebody(portal, `acme/${name}`, 'user');
    const tab = await portal.tabOf('acme/adam', { viewport: { width: 1280, height: 800 } });
    for (const [path, least] of [
      ['/admin/users', 10],
      ['/admin/security-log', 7],
      ['/admin/credentials', 9],
    ] as const) {
      // The newest are of a usual height, whatever other tests left.
      if (path === '/admin/security-log') for (let at = 0; at < least; at += 1) await portal.signedIn('acme/adam');
      if (path === '/admin/credentials') for (let at = 0; at < least; at += 1) await tokenFor(portal, 'acme/uma');
      await tab.page.goto(path);
      const seen = await tab.page.evaluate<number>(
        `[...document.querySelectorAll('tbody tr')].filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length`,
      );
      assert.ok(seen >= least, `${path}: ${seen}`);
    }
    await tab.close();
  });

  it('shows a person and a mail of the log in three lines on a phone, and what mails there are in four, with the filters folded', async () => {
    for (let at = 0; at < 3; at += 1) await addMail(portal, { state: 'sent', createdAt: portal.clock.now() });
    await OutboxMessage.update({ tries: 1 }, { where: { state: 'sent' } });
    const tab = await portal.tabOf('acme/adam', { viewport: PHONE });
    for (const [path, tallest] of [
      ['/admin/users', 105],
      ['/admin/mail', 105],
      ['/admin/notifications', 125],
    ] as const) {
      await tab.page.goto(path);
      const heights = await tab.page.evaluate<number[]>(
        `[...document.querySelectorAll('tbody tr')].map((row) => Math.round(row.getBoundingClientRect().height)).sort((a, b) => a - b)`,
      );
      const usual = heights[Math.floor(heights.length / 2)] ?? Infinity;
      assert.ok(usual <= tallest, `${path}: ${usual}`);
    }
    await tab.page.goto('/admin/mail');
    assert.equal(await tab.page.getByLabel('Did not leave').isVisible(), false);
    await tab.close();
  });

  it('shows the lists of an admin on a tablet, upright or not, without a bar to scroll them', async () => {
    await User.update({ lastSignedInAt: portal.clock.now() - 59 * MINUTE }, { where: { username: 'umar' } });
    const tab = await portal.tabOf('acme/adam', {});
    const wide: string[] = [];
    for (const width of [768, 834, 1024, 1130, 1180])
      for (const path of ['/admin/users', '/admin/security-log']) {
        await tab.page.setViewportSize({ width, height: 1000 });
        await tab.page.goto(path);
        const overflow = await overflowOf(tab, 'document.querySelector(".table-wrap")');
        if (overflow > 0) wide.push(`${path} at ${width}: ${overflow} px`);
      }
    assert.deepEqual(wide, []);
    await tab.close();
  });

  it('lets a long name or address take no room from what a row is about', async () => {
    await invite(portal, `acme/${'i'.repeat(60)}`);
    await User.update({ name: `Wolfe${'schlegelstein'.repeat(5)}` }, { where: { username: 'audrey' } });
    const tab = await portal.tabOf('acme/adam');
    for (const [path, about, other] of [
      ['/admin/mail', 'Mail', 'To'],
      ['/admin/security-log?event=user.created', 'Event', 'To whom'],
    ] as const) {
      await tab.page.goto(path);
      assert.match(await tab.page.locator('main').innerText(), /i{60}@acme|Wolfeschlegel/);
      const widthOf = (name: string): Promise<number> =>
        tab.page.evaluate<number>(
          `[...document.querySelectorAll('thead th')].find((one) => one.innerText.trim() === '${name}').getBoundingClientRect().width`,
        );
      const widths = [await widthOf(about), await widthOf(other)] as const;
      assert.ok(widths[0] > widths[1], `${path}: ${widths.join()}`);
    }
    await tab.close();
  });

  it('fits the longest names on a phone, in a list and in what the page says has been done', async () => {
    const tab = await portal.tabOf('acme/olivia', { viewport: { width: 390, height: 800 } });
    await tab.page.goto('/profile');
    await tab.page.getByLabel('Full name').fill('W'.repeat(100));
    await tab.page.getByRole('button', { name: 'Save' }).click();
    const uma = `/admin/users/${portal.idOf('acme/uma')}`;
    for (const path of [uma, '/admin/users', '/admin', '/admin/security-log']) {
      await tab.page.goto(path);
      assert.equal(await overflowOf(tab), 0, path);
    }
    await tab.page.goto('/admin/users/new');
    await tab.page.getByLabel('Name', { exact: true }).fill('M'.repeat(100));
    await tab.page.getByLabel('Username').fill('mmm');
    await tab.page.getByLabel('E-mail address').fill('mmm@acme.example');
    await tab.page.getByRole('button', { name: 'Add the user' }).click();
    await tab.page.getByText('has been added').waitFor();
    assert.equal(await overflowOf(tab), 0, 'the flash');
    await tab.close();
  });
});
