import assert from 'node:assert/strict';
import { AnsweredForm } from '#models/answered-form.js';
import { ApiCredential } from '#models/api-credential.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { secretOn, TOKENS } from '../support/credentials.js';
import { mailResetLink, printedSetupLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('A form that comes twice', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const tokens = (): Promise<number> => ApiCredential.count({ where: { kind: 'token' } });
  const tokenForm = async (): Promise<Fields> => ({
    ...(await uma.open(`${TOKENS}/new`)).form(TOKENS),
    name: 'Nightly',
  });
  const send = (fields: Fields): Promise<Page> => uma.post(TOKENS, fields);

  it('makes one token, and shows its secret to the reload too', async () => {
    const form = await tokenForm();
    const pages = [...(await Promise.all([send(form), send(form)])), await send(form)];
    assert.deepEqual(
      pages.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.match(secretOn(pages[0] as Page), /^ght_/);
    assert.equal(new Set(pages.map((page) => secretOn(page))).size, 1);
    assert.equal(await tokens(), 1);
  });

  it('is another form once it is filled in otherwise, or rendered anew', async () => {
    const form = await tokenForm();
    await send(form);
    await send({ ...form, name: 'Weekly' });
    await send(await tokenForm());
    assert.equal(await tokens(), 3);
  });

  it('is tried again where the first was refused', async () => {
    const form = await tokenForm();
    const role = form['roleId'];
    assert.equal((await send({ ...form, roleId: 'none' })).status, 422);
    assert.equal((await send({ ...form, roleId: 'none' })).status, 422);
    assert.equal((await send({ ...form, roleId: role ?? '' })).status, 200);
    assert.equal(await AnsweredForm.count(), 2, 'That one, and the sign-in.');
  });

  it('does nothing once its answer is forgotten, and says that it was done', async () => {
    const form = await tokenForm();
    await send(form);
    portal.clock.move(10 * MINUTE);
    const late = await send(form);
    assert.equal(late.status, 409);
    assert.match(late.text, /sent before, and what it asked for was done/);
    await purge(portal.services);
    assert.equal(await AnsweredForm.count({ where: { sealedAnswer: null } }), await AnsweredForm.count());
    assert.equal((await send(form)).status, 409);
    assert.equal(await tokens(), 1);
    portal.clock.move(DAY);
    await purge(portal.services);
    assert.equal(await AnsweredForm.count(), 0);
  });

  it('shows nothing to another browser, nor to whoever comes after the sign-out', async () => {
    const form = await tokenForm();
    const secret = secretOn(await send(form));
    const other = portal.browser();
    await other.get('/login');
    for (const [name, value] of uma.cookies) if (name === 'gatehouse') other.cookies.set(name, value);
    const elsewhere = await other.post(TOKENS, form);
    assert.ok(!elsewhere.html.includes(secret));

    await uma.submit('/security', '/logout');
    const afterwards = await send(form);
    assert.ok(!afterwards.html.includes(secret));
    assert.equal(afterwards.status, 409);
  });

  it('keeps its answer so that the database alone tells nothing of it', async () => {
    const secret = secretOn(await send(await tokenForm()));
    const rows = JSON.stringify(await portal.database.read('SELECT * FROM answered_forms', []));
    assert.ok(rows.includes('sealed_answer') && !rows.includes(secret));
    assert.ok(!rows.includes(Buffer.from(secret).toString('base64').slice(4, 40)));
  });

  it('signs in once, and anew once that sign-in is over', async () => {
    const browser = portal.browser();
    const form = { ...(await browser.get('/login')).form('/login'), organization: 'acme', username: 'umar' };
    const signIn = (): Promise<Page> => browser.post('/login', { ...form, password: PASSWORD });
    const where = { userId: portal.idOf('acme/umar'), endedAt: null };
    await Promise.all([signIn(), signIn()]);
    await signIn();
    assert.equal(await Session.count({ where }), 1);
    assert.equal((await browser.get('/security')).status, 200);
    await browser.submit('/security', '/logout');
    assert.equal(await Session.count({ where }), 0);
    await signIn();
    assert.equal((await browser.get('/security')).status, 200);
  });

  it('whose first sending was lost on the way is not done by guess', async () => {
    const form = await tokenForm();
    await send(form);
    await AnsweredForm.update({ answeredAt: null, sealedAnswer: null }, { where: {} });
    portal.clock.move(2 * MINUTE);
    const again = await send(form);
    assert.equal(again.status, 409);
    assert.match(again.text, /See whether it was done/);
    assert.equal(await tokens(), 1);
  });

  it('is done each time where nothing tells that it is the same', async () => {
    const { _form, ...form } = await tokenForm();
    assert.ok(_form);
    for (const strange of [{}, { _form: 'x' }, { _form: ['a', 'b'] }]) {
      const page = await send({ ...form, ...strange } as Fields);
      assert.equal(page.status, 200);
    }
    assert.equal(await tokens(), 3);
  });
});

describe('The form of the first start', () => {
  it('sets up once, though it is sent twice', async () => {
    const portal = await startPortal({ demo: false });
    const path = (await printedSetupLink(portal)) ?? '';
    const browser = portal.browser();
    const form = {
      ...(await browser.get(path)).form(path),
      organization: 'Wayne Works',
      slug: 'wayne',
      name: 'Wanda Wayne',
      username: 'wanda',
      email: 'wanda@wayne.example',
      newPassword: 'copper lantern meadow 9',
      confirmPassword: 'copper lantern meadow 9',
    };
    const pages = await Promise.all([browser.post(path, form), browser.post(path, form)]);
    pages.push(await browser.post(path, form));
    assert.deepEqual(new Set(pages.map(({ location }) => location)), new Set(['/login?organization=wayne']));
    assert.equal(await Tenant.count(), 2);
    assert.equal(await User.count(), 2);
    await portal.close();
  });
});

describe('A form of a page that is out of date', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const fieldsOf = (page: Page, path: string): Fields => {
    const { _csrf, _form, ...fields } = page.form(path);
    assert.ok(_csrf && _form);
    return fields;
  };

  it('says so, keeps what was typed but for secrets, and is sent with one press', async () => {
    const uma = await portal.signedIn('acme/uma');
    const form = { ...(await uma.open('/profile')).form('/profile'), name: 'Uma <b>"Two"' };
    await uma.submit('/security', '/logout');
    await uma.signIn('acme/uma', PASSWORD);
    const page = await uma.post('/profile', form);
    assert.equal(page.status, 403);
    assert.equal(page.heading, 'This page is out of date');
    assert.deepEqual(fieldsOf(page, '/profile')['name'], 'Uma <b>"Two"');
    const answer = await uma.post('/profile', { ...page.form('/profile'), name: 'Uma Two' });
    assert.equal(answer.status, 303);
    assert.equal((await User.findByPk(portal.idOf('acme/uma')))?.name, 'Uma Two');

    const secret = await uma.post('/security/password', { ...form, currentPassword: 'x', newPassword: 'y', name: '' });
    assert.ok(!('newPassword' in fieldsOf(secret, '/security/password')));
  });

  it('keeps several values of one field, and the question of an address', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const { _csrf } = (await olivia.open('/profile')).form('/profile') as { _csrf: string };
    await olivia.submit('/security', '/logout');
    await olivia.signIn('acme/olivia', PASSWORD);
    const permissions = ['users:read', 'log:read'];
    const page = await olivia.post('/admin/roles', { _csrf, name: 'Desk', permissions });
    assert.deepEqual(fieldsOf(page, '/admin/roles'), { name: 'Desk', permissions });
  });

  it('is not offered to somebody else who has signed in in the same browser', async () => {
    const browser = await portal.signedIn('acme/uma');
    const form = { ...(await browser.open('/profile')).form('/profile'), name: 'Typed by Uma' };
    await browser.submit('/security', '/logout');
    await browser.signIn('acme/umar', PASSWORD);
    const page = await browser.post('/profile', form);
    assert.equal(page.status, 403);
    assert.equal(page.heading, 'This page is out of date');
    assert.ok(!page.html.includes('Typed by Uma'));
    assert.ok(!page.forms().includes('/profile'));
  });

  it('of who was nobody yet is no forbidden one after they have signed in in another tab, and shows nothing of it', async () => {
    const browser = portal.browser();
    const reset = await mailResetLink(portal, 'acme/umar');
    const forms: Record<string, Page> = {};
    for (const path of ['/login', '/login/pass', '/login/recovery', '/password/forgot', reset])
      forms[path] = await browser.get(path);
    await browser.signIn('acme/uma', PASSWORD);
    for (const [path, page] of Object.entries(forms)) {
      const answer = await browser.post(path, { ...page.form(path), username: 'umar', password: PASSWORD });
      assert.deepEqual([answer.status, answer.heading], [403, 'This page is out of date'], path);
      assert.match(answer.text, /signed in meanwhile in another tab, so nothing was done/);
      assert.deepEqual([answer.html.includes('umar'), answer.forms().includes(path)], [false, false], path);
    }
  });

  it('of the sign-in keeps organisation and username, and tells who has switched cookies off', async () => {
    const browser = portal.browser();
    const form = { ...(await browser.get('/login')).form('/login'), organization: 'acme', username: 'uma' };
    browser.cookies.clear();
    const page = await browser.post('/login', { ...form, password: PASSWORD });
    assert.match(page.text, /let your browser keep cookies/);
    assert.ok(!page.html.includes(PASSWORD));
    const again = await browser.post('/login', page.form('/login'));
    assert.deepEqual([again.status, again.valueOf('username')], [422, 'uma']);
    browser.cookies.clear();
    await browser.get('/login');
    assert.doesNotMatch((await browser.post('/login', form)).text, /cookies/);
  });
});
