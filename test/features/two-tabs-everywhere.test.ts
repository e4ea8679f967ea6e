import assert from 'node:assert/strict';
import type { HTMLElement } from 'node-html-parser';
import { everyPage } from '../house/every-page.js';
import { ANOTHER_TAB, type Browser, type Page } from '../support/browser.js';
import { withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { roleWith, tokenFor } from '../support/programs.js';
import { pageOf } from '../support/users.js';

const WORDS = 'input[type=text], input[type=number], input:not([type]), textarea';

/** What is filled in by itself and yet changes nothing that there is: something is made anew, or asked. */
const NOT_KEPT: Readonly<Record<string, string>> = {
  '/admin/users': 'somebody new, with what the organisation gives everybody new',
  '/admin/users/:id/tokens': 'a new token',
  '/security/tokens': 'a new token',
  '/security/tokens/:id/rotation': 'a new secret, and for how long the one before works on',
  '/security/passkeys': 'a new passkey',
};

/** A form of a page, and what stands in it that somebody could have changed meanwhile. */
interface Filled {
  page: Page;
  action: string;
  form: HTMLElement;
}

const kindOf = (path: string): string =>
  path.replace(/[\w-]{36}/g, ':id').replace(/(?<=^\/admin\/notifications\/)[\w-]+/, ':event');

describe('Every form that is filled in with what is kept', () => {
  let portal: Portal;
  let filled: Filled[];
  let browsers: Map<Page, Browser>;
  before(async () => {
    portal = await startPortal();
    await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' });
    await tokenFor(portal, 'acme/olivia');
    const { browser: olivia } = await withPasskey(portal, 'acme/olivia');
    browsers = new Map();
    filled = [];
    for (const browser of [olivia, await portal.signedIn('platform/opal')]) {
      const pages = await everyPage(browser);
      for (const page of [
        ...pages,
        ...(browser === olivia ? [await olivia.open(pageOf(portal.idOf('acme/uma')))] : []),
      ]) {
        browsers.set(page, browser);
        for (const form of page.document.querySelectorAll('main form[method=post]'))
          if (isFilled(form)) filled.push({ page, action: form.getAttribute('action') ?? page.path, form });
      }
    }
  });
  after(() => portal.close());

  it('says what it showed, or makes something new', () => {
    const silent = filled.filter(({ form }) => !form.querySelector('input[name=_shown]'));
    const kinds = [...new Set(silent.map(({ action }) => kindOf(action)))];
    assert.deepEqual(kinds.sort(), Object.keys(NOT_KEPT).sort());
  });

  it('leaves alone what another tab has changed since, wherever it is sent again as it was', async () => {
    const wrong: string[] = [];
    const tried: string[] = [];
    for (const { kind, browser, page, action, old, name, other } of await opened()) {
      const changed = await browser.submit(page.path, action, { [name]: other });
      assert.equal(changed.status, 303, `${kind}: ${changed.text}`);
      const late = await browser.post(action, { ...old, ...ANOTHER_TAB });
      assert.equal(late.status, 303, `${kind}: ${late.text}`);
      const now = String((await browser.open(page.path)).form(action)[name]).trim();
      if (now !== other) wrong.push(`${kind}: ${name} is ${now}`);
      tried.push(kind);
    }
    assert.deepEqual(wrong, []);
    for (const kind of [
      ...['/profile', '/security/passkeys/:id', '/platform/tenants/:id', '/admin/notifications/:event'],
      ...['/admin/users/:id', '/admin/roles/:id', '/admin/security-policy', '/admin/organisation'],
    ])
      assert.ok(tried.includes(kind), kind);
  });

  it('tells what somebody else has changed since, before that is overwritten, and keeps what was typed', async () => {
    const wrong: string[] = [];
    for (const { kind, browser, page, action, old, name, other } of await opened()) {
      if (kind === '/security/passkeys/:id') continue;
      const mine = /^\d+$/.test(other) ? String(Number(other) + 1) : `${other} and anew`;
      const changed = await browser.submit(page.path, action, { [name]: other });
      assert.equal(changed.status, 303, `${kind}: ${changed.text}`);
      const told = await browser.post(action, { ...old, [name]: mine, ...ANOTHER_TAB });
      const said = told.errorOf(name);
      if (told.status !== 422 || !said.includes(other)) wrong.push(`${kind}: ${told.status}, ${said}`);
      else {
        assert.equal(String(told.form(action)[name]).trim(), mine, kind);
        const again = await browser.post(action, { ...told.form(action), ...ANOTHER_TAB });
        assert.equal(again.status, 303, `${kind}: ${again.alert}`);
      }
      const now = String((await browser.open(page.path)).form(action)[name]).trim();
      assert.equal(now, mine, kind);
    }
    assert.deepEqual(wrong, []);
  });

  /** Each kind of form that says what it showed, opened anew, with a field of it and another value for that. */
  async function opened() {
    const speaking = filled.filter(({ form }) => form.querySelector('input[name=_shown]'));
    const firsts = new Map(speaking.map((one) => [kindOf(one.action), one]));
    const found = [];
    for (const [kind, { page: first, action, form }] of firsts) {
      const browser = browsers.get(first) as Browser;
      const name = form.querySelectorAll(WORDS).find((one) => one.getAttribute('name') && valueIn(one) !== '');
      assert.ok(name, `${kind} has nothing to change`);
      const page = await browser.open(first.path);
      const old = page.form(action);
      const field = name.getAttribute('name') ?? '';
      const value = String(old[field]).trim();
      const other = /^\d+$/.test(value) ? String(Number(value) + 1) : `${value} anew`;
      found.push({ kind, browser, page, action, old, name: field, other });
    }
    return found;
  }
});

function valueIn(field: HTMLElement): string {
  return field.tagName === 'TEXTAREA' ? field.text.trim() : (field.getAttribute('value') ?? '');
}

function isFilled(form: HTMLElement): boolean {
  const written = form
    .querySelectorAll(`${WORDS}, input[type=email], input[type=date], input[type=datetime-local]`)
    .some((one) => !one.hasAttribute('readonly') && valueIn(one) !== '');
  const chosen = form.querySelectorAll('option[selected]').some((one) => (one.getAttribute('value') ?? '') !== '');
  return written || chosen || form.querySelector('input[checked]') !== null;
}
