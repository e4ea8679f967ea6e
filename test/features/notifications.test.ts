import assert from 'node:assert/strict';
import { MailTemplate } from '#models/mail-template.js';
import { migration as logRepeats } from '#models/migrations/0044-log-repeats.js';
import { migrate } from '#models/migrations/index.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { MAIL_EVENTS, maySilence, type MailEvent } from '#server/mail/events.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { logged, mailResetLink } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { userCalled } from '../support/users.js';

const LIST = '/admin/notifications';
const RESET = `${LIST}/password-reset`;

describe('How an organisation words its mails', () => {
  let portal: Portal;
  let olivia: Browser;
  before(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
  });
  after(() => portal.close());

  const send = async (to: string, fields: Fields = {}, at = RESET): Promise<Page> => {
    const { _form: _, ...form } = (await olivia.open(at)).form(at);
    return olivia.post(to, { ...form, ...fields });
  };
  const factory = async (at = RESET): Promise<Fields> => (await olivia.open(at)).form(at);

  it('every mail has a page: what it is for, when it was last sent, and which variables it may name', async () => {
    const list = await olivia.open(LIST);
    for (const event of Object.keys(MAIL_EVENTS)) assert.ok(list.links().includes(`${LIST}/${event}`), event);
    await mailResetLink(portal, 'acme/uma');
    await portal.inbox.mailsTo('uma@acme.example');
    const page = await olivia.open(RESET);
    assert.match(page.text, /Last sent ?\d/);
    assert.match(page.text, /\{\{name\}\}/);
    assert.match(page.text, /\{\{resetLink\}\}.*Must be there/s);
    assert.equal((await olivia.get(`${LIST}/no-such-mail`)).status, 404);
    assert.equal((await olivia.get(`${LIST}/constructor`)).status, 404);
  });

  it('a text of its own is in the mails from then on, in this organisation alone; the log has it', async () => {
    const { text, html } = await factory();
    const answer = await send(RESET, {
      subject: 'Your Acme password, {{name}}',
      text: `Ahoy!\n${String(text)}`,
      html: `<h1>Ahoy</h1>${String(html)}`,
    });
    assert.equal(answer.status, 303, answer.alert);
    await mailResetLink(portal, 'acme/uma');
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.equal(mail.subject, 'Your Acme password, Uma Ndiaye');
    assert.match(mail.text, /^Ahoy!/);
    assert.match(mail.html, /<h1>Ahoy<\/h1>/);
    await mailResetLink(portal, 'globex/gina');
    assert.doesNotMatch((await portal.inbox.newestTo('gina@globex.example')).text, /Ahoy/);
    assert.equal((await logged(portal, 'acme', 'notification.changed')).length, 1);
    assert.match((await olivia.open(LIST)).text, /Your own: English/);
  });

  it('reaches readers of the language that it is for, and others as before', async () => {
    const at = `${RESET}?locale=de`;
    const { text, html } = (await olivia.open(at)).form(RESET);
    assert.equal(
      (
        await olivia.post(RESET, {
          ...(await olivia.open(at)).form(RESET),
          locale: 'de',
          subject: 'Neues Passwort',
          text: `Hallo\n${String(text)}`,
          html: String(html),
        })
      ).status,
      303,
    );
    await (await userCalled(portal, 'acme/umar')).update({ locale: 'de' });
    await mailResetLink(portal, 'acme/umar');
    const mail = await portal.inbox.newestTo('umar@acme.example');
    assert.equal(mail.subject, 'Neues Passwort');
    assert.match(mail.html, /<html lang="de">/);
    await mailResetLink(portal, 'acme/adam');
    assert.match(String((await portal.inbox.newestTo('adam@acme.example')).subject), /Your Acme password/);
  });

  it('refuses unknown variables, code, other addresses, and that a link of the portal goes; and keeps what was typed', async () => {
    const { text, html } = await factory();
    const wrong: [Fields, string, RegExp][] = [
      [{ text: `{{secret}} ${String(text)}` }, 'text', /no variable \{\{secret\}\}/],
      [{ text: 'Nothing to press' }, 'text', /of no use without \{\{resetLink\}\}/],
      [{ html: String(html).replaceAll('{{resetLink}}', 'x') }, 'html', /of no use without|cannot be used/],
      [{ html: `<script>alert(1)</script>${String(html)}` }, 'html', /<script> cannot be used/],
      [
        { html: `<a href="https://evil.example">x</a>${String(html)}` },
        'html',
        /cannot be used|addresses of web pages/,
      ],
      [{ text: `<%= process.env %> https://evil.example ${String(text)}` }, 'text', /addresses of web pages/],
      [{ subject: '' }, 'subject', /empty|Enter a subject/],
      [{ subject: 'Press {{resetLink}}' }, 'subject', /A subject holds no links/],
      [{ text: `{{portalLink}}.evil.example/?${String(text)}` }, 'text', /what touches an address/],
      [{ subject: 'x'.repeat(201) }, 'subject', /at most 200/],
      [{ locale: 'xx' }, 'locale', /language/],
    ];
    const before = await MailTemplate.count();
    for (const [fields, field, words] of wrong)
      for (const to of [RESET, `${RESET}/preview`, `${RESET}/test`]) {
        const answer = await send(to, fields);
        assert.equal(answer.status, 422, `${to} ${field}`);
        assert.match(answer.errorOf(field) || answer.alert, words);
      }
    assert.match((await send(RESET, { text: 'Nothing to press' })).html, />\s*Nothing to press<\/textarea>/);
    assert.equal(await MailTemplate.count(), before);
    // Signs of a template language are text, and nothing else.
    await send(RESET, { text: `<%= 7 * 7 %> \${7*7} ${String(text)}` });
    await mailResetLink(portal, 'acme/uma');
    assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /<%= 7 \* 7 %> \$\{7\*7\}/);
  });

  it('takes a template as long as it may be, and refuses a longer one', async () => {
    const { text } = await factory();
    const filled = `${String(text)}\n${'wörter '.repeat(3500)}`;
    assert.equal((await send(RESET, { text: filled })).status, 303);
    assert.match((await send(RESET, { text: 'x'.repeat(40_000) })).alert, /32 kB|at most 32768/);
    assert.equal((await send(RESET, { text: 'x'.repeat(140_000) })).status, 413);
  });

  it('every mail is shown as it looks now, in such a frame, to who may only read it too', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    for (const event of Object.keys(MAIL_EVENTS)) {
      const frame = (await audrey.open(`${LIST}/${event}`)).document.querySelector('iframe');
      assert.equal(frame?.getAttribute('sandbox'), '', event);
      assert.match(frame?.getAttribute('srcdoc') ?? '', /<h1>[^{}]+<\/h1>/, event);
    }
  });

  it('previews what was typed beside the form, in a frame that may do nothing, and saves nothing', async () => {
    const before = await MailTemplate.count();
    const page = await send(`${RESET}/preview`, { subject: 'Preview for {{name}}' });
    assert.equal(page.status, 200);
    assert.match(page.text, /Subject: Preview for Olivia/);
    const frame = page.document.querySelector('iframe');
    assert.equal(frame?.getAttribute('sandbox'), '');
    assert.match(frame.getAttribute('srcdoc') ?? '', /<html lang="en">/);
    const policy = page.headers['content-security-policy'] ?? '';
    assert.doesNotMatch(policy, /unsafe-inline|script-src[^;]*(?:unsafe|data:)/);
    assert.match(policy, /style-src 'self' 'unsafe-hashes' 'sha256-/);
    assert.equal(String(page.form(RESET)['subject']).trim(), 'Preview for {{name}}');
    assert.equal(await MailTemplate.count(), before);
    assert.doesNotMatch((await olivia.open(LIST)).headers['content-security-policy'] ?? '', /unsafe/);
  });

  it('mails a sample to oneself', async () => {
    assert.equal((await send(`${RESET}/test`, { subject: 'How it looks' })).status, 303);
    const mail = await portal.inbox.newestTo('olivia@acme.example');
    assert.equal(mail.subject, '[Sample] How it looks');
    assert.match(mail.text, /\/password\/reset\/sample/);
    assert.equal((await logged(portal, 'acme', 'notification.tested')).length, 1);
  });

  it('a notice of security cannot be silenced, whatever is sent; another mail can', async () => {
    assert.equal((await olivia.open(RESET)).document.querySelector('[name=enabled]'), null);
    const { enabled: _, ...form } = await factory();
    assert.equal((await olivia.post(RESET, { ...form, enabled: '0' })).status, 303);
    const sentBefore = (await portal.inbox.mailsTo('uma@acme.example')).length;
    await mailResetLink(portal, 'acme/uma');
    assert.equal((await portal.inbox.mailsTo('uma@acme.example')).length, sentBefore + 1);
    const silent = (Object.keys(MAIL_EVENTS) as MailEvent[]).filter(maySilence);
    assert.ok(silent.includes('credential-expiring') && !silent.includes('password-changed'));
    const at = `${LIST}/credential-expiring`;
    const { enabled: __, ...off } = await factory(at);
    assert.equal((await olivia.post(at, off)).status, 303);
    assert.match((await olivia.open(at)).text, /you have silenced it/);
    assert.match((await olivia.open(LIST)).text, /Not sent: English/);
  });

  it('each version can be put back, and so can the text that Gatehouse comes with', async () => {
    const at = `${LIST}/new-sign-in`;
    const first = (await factory(at))['subject'];
    await send(at, { subject: 'One' }, at);
    await send(at, { subject: 'Two' }, at);
    const restore = async (version: string): Promise<Page> => {
      const { _csrf } = await factory(at);
      return olivia.post(`${at}/restoration`, { _csrf: String(_csrf), locale: 'en', version });
    };
    assert.equal((await restore('1')).status, 303);
    assert.equal(String((await factory(at))['subject']).trim(), 'One');
    assert.equal((await restore('')).status, 303);
    assert.equal((await factory(at))['subject'], first);
    assert.match((await olivia.open(at)).text, /Version 4/);
    assert.equal((await restore('99')).status, 404);
    assert.equal((await restore('x')).status, 422);
  });

  it('one that no longer fits its mail is passed over: what must be said is said all the same', async () => {
    const { tenantId } = await userCalled(portal, 'acme/uma');
    const { text, html } = await factory();
    const kept = { subject: 'Old', text: String(text), html: String(html) };
    const unfit = [
      { text: '{{gone}}' },
      { subject: 'Old {{resetLink}}' },
      { text: `${kept.text} {{portalLink}}.evil.example` },
      { html: `${kept.html}<a href="{{portalLink}}">{{resetLink}}</a>` },
    ];
    for (const [at, part] of unfit.entries()) {
      const version = { event: 'password-reset', locale: 'en', version: 999 + at, createdAt: 1 };
      await MailTemplate.create({ tenantId, ...version, ...kept, ...part });
      portal.clock.move(60_000);
      await mailResetLink(portal, 'acme/uma');
      assert.doesNotMatch(String((await portal.inbox.newestTo('uma@acme.example')).subject), /Old/);
      assert.match((await olivia.open(RESET)).text, /Your own, but it is not sent/);
    }
  });

  it('what a subject of before has let into the mail log is out of it, and other subjects stay', async () => {
    const { database } = portal;
    await mailResetLink(portal, 'acme/uma');
    const [one, other] = await OutboxMessage.findAll({ order: [['id', 'DESC']], limit: 2 });
    await one?.update({ subject: `Press ${portal.config.baseUrl}/password/reset/secret now` });
    for (const statement of logRepeats.down) await database.sequelize.query(statement);
    await database.sequelize.query(`DELETE FROM migrations WHERE name = '${logRepeats.name}'`);
    assert.deepEqual(await migrate(database), [logRepeats.name]);
    assert.doesNotMatch((await one?.reload())?.subject ?? '', /secret|:\/\//);
    assert.equal((await OutboxMessage.findByPk(other?.id))?.subject, other?.subject);
    assert.doesNotMatch((await olivia.open('/admin/mail')).text, /reset\/secret/);
  });

  it('is for who may; a program does the same under the same rules', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    assert.equal(
      (await audrey.open(RESET)).forms().filter((to) => to === RESET).length,
      1,
      'Only the choice of language.',
    );
    assert.equal((await audrey.post(RESET, { _csrf: await audrey.csrf('/security') })).status, 403);
    assert.equal((await (await portal.signedIn('acme/uma')).get(LIST)).status, 403);
    const program = await programOf(portal, 'acme/olivia');
    const { body } = await program.get('/notifications/new-sign-in');
    const { subject, text, html } = body as Record<string, string>;
    assert.equal((await program.put('/notifications/new-sign-in', { subject: 'By call', text, html })).status, 204);
    assert.equal(((await program.get('/notifications/new-sign-in')).body as { subject: string }).subject, 'By call');
    assert.ok(subject);
    assert.equal((await program.put('/notifications/new-sign-in', { subject: 'x', text: 'x', html: 'x' })).status, 422);
    const linked = await program.put('/notifications/new-sign-in', { subject: '{{disavowalLink}}', text, html });
    assert.match(linked.text, /A subject holds no links/);
    assert.equal((await program.get('/notifications/nothing')).status, 404);
    const list = (await program.get('/notifications?limit=200')).body as { data: unknown[] };
    assert.equal(list.data.length, Object.keys(MAIL_EVENTS).length);
  });
});
