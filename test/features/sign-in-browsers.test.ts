import assert from 'node:assert/strict';
import { KnownBrowser } from '#models/known-browser.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('The browser that somebody signs in with', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const mails = async (who: string): Promise<number> =>
    (await portal.inbox.mailsTo(`${who}@acme.example`)).filter(({ event }) => event === 'new-sign-in').length;

  it('is told of by mail when it is new, but not the very first, and not one that is known', async () => {
    const first = await portal.signedIn('acme/uma');
    assert.equal(await mails('uma'), 0, 'The first ever.');
    await first.submit('/security', '/logout');
    await first.signIn('acme/uma', PASSWORD);
    assert.equal(await mails('uma'), 0, 'The same again.');
    const second = portal.browser();
    second.headers['User-Agent'] =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
    await second.signIn('acme/uma', PASSWORD);
    assert.equal(await mails('uma'), 1);
    const mail = (await portal.inbox.mailsTo('uma@acme.example')).at(-1);
    assert.match(mail?.text ?? '', /Chrome 142 on Windows$/m);
    assert.match(mail?.text ?? '', /127\.0\.0\.1/);
  });

  it('is not known to one user because another has used it', async () => {
    const shared = await portal.signedIn('acme/umar');
    await shared.submit('/security', '/logout');
    const before = await mails('uma');
    await shared.signIn('acme/uma', PASSWORD);
    assert.equal(await mails('uma'), before + 1);
    assert.equal(await KnownBrowser.count({ where: { userId: portal.idOf('acme/umar') } }), 1);
  });

  it('is kept as the hash of what its cookie holds, for somewhat more than a year', async () => {
    const browser = portal.browser();
    const answer = await browser.signIn('acme/adam', PASSWORD);
    const line =
      ((answer.headers['set-cookie'] ?? []) as unknown as string[]).find((one) =>
        one.startsWith('gatehouse-browser='),
      ) ?? '';
    assert.match(line, /Max-Age=34560000/);
    const [id = ''] = (browser.cookies.get('gatehouse-browser') ?? '').split('.');
    const rows = JSON.stringify(await KnownBrowser.findAll());
    assert.ok(id.length === 43 && !rows.includes(id));
  });

  it('stands in the log with the sign-in: who, from where, with what, and whether it was new', async () => {
    await portal.signedIn('acme/olivia');
    const row = (await logged(portal, 'acme', 'sign-in.succeeded')).at(-1);
    assert.equal(row?.['actor_id'], portal.idOf('acme/olivia'));
    assert.equal(row?.['ip'], '127.0.0.1');
    assert.deepEqual(JSON.parse(String(row?.['details'])), { methods: ['pwd'], newBrowser: true });
    assert.match(String(row?.['client']), /"browser":"Firefox 143".*"os":"Linux/);
    assert.ok((await User.findByPk(portal.idOf('acme/olivia')))?.lastSignedInAt);
  });

  it('describes itself, and cannot use that to write into a page, a mail or the log', async () => {
    const browser = portal.browser();
    browser.headers['User-Agent'] = `<script>alert(1)</script>/1.0 ("'\`{{x}}<%= 1 %>)`;
    browser.headers['Sec-CH-UA-Platform'] = '"<b>Linux</b>"';
    browser.headers['Sec-CH-UA-Model'] = `"x' onmouseover='1"`;
    browser.headers['Sec-CH-UA-Full-Version-List'] = `"Evil<img>";v="1", ${'"a";v="1",'.repeat(500)}`;
    await browser.signIn('acme/audrey', PASSWORD);
    const page = await browser.get('/security/sessions');
    assert.doesNotMatch(page.html, /<script>alert|<img>|<b>Linux|' onmouseover/);
    const session = await Session.findOne({ where: { userId: portal.idOf('acme/audrey') } });
    const said = Object.values(JSON.parse(session?.client ?? '{}') as Record<string, string | null>);
    for (const one of said) assert.match(one ?? '', /^[\p{L}\p{N} .,;:_+()/-]{0,80}$/u);
  });
});
