import assert from 'node:assert/strict';
import { routes } from '#server/features/index.js';
import type { Route } from '#server/http/route.js';
import type { Fields, Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { isGuarded, tellsNothing } from '../support/headers.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { everyCaller, keepAll, type Caller } from './callers.js';
import { ownValues } from './rows.js';

const SECRETS = ['password', 'currentPassword', 'newPassword', 'confirmPassword', 'code', 'recoveryCode', 'pass'];
const SECRET = 'never-shown-again-4711';
const TYPED = `typed "with" 'care' & <b>`;

/** Values that no field may choke on. */
const NONSENSE: Record<string, string | string[]> = {
  'a list': ['one', 'two'],
  nothing: '',
  NUL: 'a\0b',
  'a line end': 'a\r\nSet-Cookie: b=c',
  'turned text': 'a\u202eb\u2066',
  'too much': 'x'.repeat(9000),
  'much out of little': 'ﷺ'.repeat(100),
  'a huge number': '9'.repeat(400),
  'a negative number': '-1',
  'other languages': `'"><script>{{constructor}}<%= 1 %>'; DROP TABLE users; --`,
};

/** What looks empty to everybody who reads it. */
const BLANK = '\u200b\u3164\u2800\u00ad\u2060\u034f\u00a0\u{e0020}';

/** Fields that no form has. */
const UNKNOWN: Fields[] = [{ unexpected: '1' }, { 'name[b]': '1' }, { constructor: '1' }, { tenantId: '1' }];

describe('Nonsense in a form is refused in plain words, and never breaks anything', () => {
  let portal: Portal;
  let callers: Caller[];
  let putAllBack: () => Promise<void>;
  before(async () => {
    portal = await startPortal();
    callers = await everyCaller(portal);
    putAllBack = await keepAll(portal, callers);
  });
  after(() => portal.close());

  for (const route of routes.filter(({ method }) => method === 'post')) {
    it(titleOf(route), async () => {
      const caller = whoSends(route);
      const path = pathOf(route, await ownValues(portal, route, caller.who));
      const send = async (fields: Fields, why: string): Promise<Page> => {
        await clearCounters(portal.database);
        const answer = await caller.browser.post(path, { ...fields, _csrf: caller.csrf });
        assert.ok([200, 303, 400, 403, 404, 409, 410, 422].includes(answer.status), `${why}: ${answer.status}`);
        isGuarded(answer);
        tellsNothing(answer);
        assert.ok(!answer.html.includes(SECRET), `${why}: a secret came back.`);
        for (const { text } of answer.document.querySelectorAll('[role=alert] li'))
          assert.notEqual(text.trim(), '', `${why}: an error that says nothing`);
        for (const link of answer.document.querySelectorAll('[role=alert] a')) {
          const target = answer.document.querySelector(link.getAttribute('href') ?? '#');
          assert.ok(target, `${why}: the error leads nowhere: ${link.outerHTML}`);
        }
        if ([200, 303].includes(answer.status)) await putAllBack();
        return answer;
      };
      const form = (await formsOf(caller)).get(path) ?? {};
      for (const name of Object.keys(form)) {
        for (const [what, value] of Object.entries(NONSENSE))
          await send({ ...withSecrets(form), [name]: value }, `${what} as ${name}`);
      }
      for (const fields of UNKNOWN) {
        const answer = await send({ ...withSecrets(form), ...fields }, Object.keys(fields).join());
        // What is only a button takes no field at all.
        if (route.bare || Object.keys(form).length > 0)
          assert.ok(
            [404, 409, 422].includes(answer.status),
            `${Object.keys(fields).join()} was taken: ${answer.status}`,
          );
      }
      for (const name of Object.keys(form).filter((one) => demanded.has(`${path} ${one}`))) {
        const answer = await send({ ...withSecrets(form), [name]: BLANK }, `a blank as ${name}`);
        assert.ok([404, 409, 422].includes(answer.status), `A blank was taken as ${name}: ${answer.status}`);
        if (answer.status === 422) assert.notEqual(answer.errorOf(name), '', `${name} is named as what is wrong`);
      }
      await comesBack(form, send);
      await putAllBack();
    });
  }

  /** What was typed comes back with the form, when something in it was wrong. */
  async function comesBack(form: Fields, send: (fields: Fields, why: string) => Promise<Page>): Promise<void> {
    for (const name of Object.keys(form).filter((one) => texts.has(one) && !SECRETS.includes(one))) {
      const page = await send({ ...withSecrets(form), [name]: TYPED, unexpected: '1' }, `${TYPED} as ${name}`);
      if (page.status !== 422) continue;
      const field = page.document.querySelector(`input[name="${name}"], textarea[name="${name}"]`);
      assert.equal(field?.getAttribute('value') ?? field?.text.trim(), TYPED, `What was typed as ${name} is gone.`);
      assert.notEqual(page.alert, '', 'The page says what is wrong.');
    }
  }

  function whoSends({ access }: Route): Caller {
    const found = callers.find(({ state, may }) => {
      if (access.who === 'permitted') return may(access.permission);
      if (access.who === 'anyone') return state === 'visitor';
      if (access.who === 'halfSignedIn' || access.who === 'halfOrVisitor' || access.who === 'halfOrLimited')
        return state === 'half';
      return state === (access.who === 'limited' ? 'limited' : 'whole');
    });
    assert.ok(found, 'Somebody of the cast may send it.');
    return found;
  }

  const texts = new Set<string>();
  const demanded = new Set<string>();
  const shown = new Map<Caller, Map<string, Fields>>();

  /** Every form that the pages show this caller, by the path that it goes to: what a browser would send of it. */
  async function formsOf(caller: Caller): Promise<Map<string, Fields>> {
    const known = shown.get(caller);
    if (known) return known;
    const forms = new Map<string, Fields>();
    for (const route of routes.filter(
      ({ method, access }) => method === 'get' && (access.who !== 'permitted' || caller.may(access.permission)),
    )) {
      const page = await caller.browser.get(pathOf(route, await ownValues(portal, route, caller.who)));
      for (const form of page.document.querySelectorAll('form[method=post]')) {
        const action = form.getAttribute('action') ?? '';
        for (const one of form.querySelectorAll('input[type=text], input[type=email], textarea'))
          texts.add(one.getAttribute('name') ?? '');
        for (const one of form.querySelectorAll('input[type=text][required], input[type=email][required]'))
          demanded.add(`${action} ${one.getAttribute('name') ?? ''}`);
        const { _csrf, _form, ...fields } = page.form(action);
        if (!forms.has(action)) forms.set(action, fields);
      }
    }
    shown.set(caller, forms);
    return forms;
  }
});

function withSecrets(form: Fields): Fields {
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, SECRETS.includes(name) ? SECRET : value]),
  );
}
