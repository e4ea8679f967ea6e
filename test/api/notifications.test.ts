import assert from 'node:assert/strict';
import { MailTemplate } from '#models/mail-template.js';
import { User } from '#models/user.js';
import { HOUR } from '#server/lib/clock.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { logged } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import type { Program } from '../support/program.js';
import { personWith, programOf, roleWith } from '../support/programs.js';

const MAIL = '/notifications/new-sign-in';
const OWN = 'olivia@acme.example';
const { text, html, subject } = factoryTemplate('new-sign-in', 'en');

describe('A program that words the mails', () => {
  let portal: Portal;
  let olivia: Program;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await programOf(portal, 'acme/olivia');
  });
  afterEach(() => portal.close());
  const samples = async (): Promise<string[]> =>
    (await portal.inbox.mailsTo(OWN)).map((mail) => mail.subject).filter((one) => one.startsWith('[Sample]'));

  it('sees how one would look, with a sample for each variable, and changes nothing', async () => {
    const { status, body } = await olivia.post(`${MAIL}/preview`, { subject: 'To {{name}}', text, html });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['html', 'subject', 'text']);
    assert.match(String(body['subject']), /^To Olivia/);
    assert.match(String(body['html']), /<html lang="en">/);
    assert.doesNotMatch(JSON.stringify(body), /\{\{/);
    assert.equal(await MailTemplate.count(), 0);
    assert.deepEqual(await samples(), []);
  });

  it('sees how one is worded now where it sends no words, in each language', async () => {
    await olivia.put(MAIL, { subject: 'As it is now', text, html });
    assert.equal((await olivia.post(`${MAIL}/preview`, {})).body['subject'], 'As it is now');
    assert.notEqual((await olivia.post(`${MAIL}/preview`, { locale: 'de' })).body['subject'], 'As it is now');
    const { status, body } = await olivia.post(`${MAIL}/preview`, { subject: 'Half of it' });
    assert.equal(status, 422);
    assert.deepEqual([...new Set((body['errors'] as { field: string }[]).map(({ field }) => field))], ['text', 'html']);
  });

  it('mails a sample to its owner alone, which is a row of the log, and twenty an hour', async () => {
    assert.equal((await olivia.post(`${MAIL}/test`, { subject: 'How it looks', text, html })).status, 204);
    assert.deepEqual(await samples(), ['[Sample] How it looks']);
    const details = await newestDetails(portal, 'acme', 'notification.tested');
    assert.deepEqual([details['mail'], details['locale']], ['new-sign-in', 'en']);
    const more = await Promise.all(Array.from({ length: 24 }, () => olivia.post(`${MAIL}/test`, {})));
    const statuses = more.map(({ status }) => status);
    assert.deepEqual(
      [statuses.filter((one) => one === 204).length, statuses.filter((one) => one === 429).length],
      [19, 5],
    );
    assert.ok(Number(more.find(({ status }) => status === 429)?.headers['retry-after']) <= 3600);
    assert.equal((await logged(portal, 'acme', 'notification.tested')).length, 20);
    portal.clock.move(HOUR);
    assert.equal((await olivia.post(`${MAIL}/test`, {})).status, 204);
  });

  it('of an account that has no address is told so, and nothing is mailed', async () => {
    const role = await roleWith(portal, 'acme', ['notifications:read', 'notifications:write']);
    const { id } = await personWith(portal, 'acme/robot', role, 'service');
    await User.update({ email: '' }, { where: { id } });
    const service = await programOf(portal, 'acme/robot');
    assert.equal((await service.post(`${MAIL}/preview`, {})).status, 200);
    assert.equal((await service.post(`${MAIL}/test`, {})).status, 409);
    assert.equal((await logged(portal, 'acme', 'notification.tested')).length, 0);
  });

  it('puts back a version of before, or the text that Gatehouse comes with', async () => {
    await olivia.put(MAIL, { subject: 'First', text, html });
    await olivia.put(MAIL, { subject: 'Second', text, html });
    assert.equal((await olivia.post(`${MAIL}/restoration`, { version: 1 })).status, 204);
    const restored = (await olivia.get(MAIL)).body;
    assert.deepEqual([restored['subject'], restored['own']], ['First', true]);
    assert.deepEqual(
      (restored['versions'] as { version: number }[]).map(({ version }) => version),
      [3, 2, 1],
    );
    assert.equal((await olivia.post(`${MAIL}/restoration`, {})).status, 204);
    const factory = (await olivia.get(MAIL)).body;
    assert.deepEqual([factory['subject'], factory['own']], [subject, false]);
    assert.equal((await olivia.post(`${MAIL}/restoration`, { version: 9 })).status, 404);
    for (const version of [0, -1, 1.5, '1', null, 1e9])
      assert.equal((await olivia.post(`${MAIL}/restoration`, { version })).status, 422, JSON.stringify(version));
  });

  it('makes a version of each of several that come at one moment', async () => {
    const adam = await programOf(portal, 'acme/adam');
    const answers = await Promise.all(
      [olivia, adam, olivia, adam].flatMap((one, at) => [
        one.put(MAIL, { subject: `Number ${at}`, text, html }),
        one.post(`${MAIL}/restoration`, {}),
      ]),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    const versions = (await olivia.get(MAIL)).body['versions'] as { version: number }[];
    assert.deepEqual(
      versions.map(({ version }) => version),
      [8, 7, 6, 5, 4, 3, 2, 1],
    );
  });

  it('cannot put back what another organisation wrote, nor in another language', async () => {
    await olivia.put(MAIL, { subject: 'Of Acme', text, html });
    const oscar = await programOf(portal, 'globex/oscar');
    assert.equal((await oscar.post(`${MAIL}/restoration`, { version: 1 })).status, 404);
    assert.equal((await olivia.post(`${MAIL}/restoration`, { version: 1, locale: 'de' })).status, 404);
  });

  it('can send as much as the page can: texts of 32 kB', async () => {
    const room = (words: string): number => 32 * 1024 - Buffer.byteLength(words) - 20;
    const long = `${text}\n${'b'.repeat(room(text))}`;
    const wide = `${html}<p>${'c'.repeat(room(html))}</p>`;
    for (const [method, path] of [
      ['put', MAIL],
      ['post', `${MAIL}/preview`],
      ['post', `${MAIL}/test`],
    ] as const) {
      const answer = await olivia.send(method, path, { subject, text: long, html: wide });
      assert.ok(answer.status < 300, `${method} ${path}: ${answer.text.slice(0, 200)}`);
    }
  });

  it('is told of a mail that there is not', async () => {
    for (const path of ['preview', 'test', 'restoration'])
      for (const event of ['nothing', '__proto__', 'toString'])
        assert.equal((await olivia.post(`/notifications/${event}/${path}`, {})).status, 404, `${event}/${path}`);
  });
});
