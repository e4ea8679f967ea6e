import assert from 'node:assert/strict';
import { createTransport } from 'nodemailer';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { makeDailyCheckpoints } from '#server/features/security-log/daily-checkpoints.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import { deliverDue } from '#server/mail/delivery.js';
import { Undeliverable, type Mail } from '#server/mail/mailer.js';
import { record } from '#server/trace/record.js';
import { readCheckpoints } from '#server/trace/checkpoint.js';
import { verifyAgainst } from '#server/trace/verify.js';
import type { Browser } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { newestDetails, rowsOf, tamper } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';

const PATH = '/admin/security-log';
const MAKE = `${PATH}/checkpoints`;

describe('Checkpoints of the security log', () => {
  let portal: Portal;
  let audrey: Browser;
  before(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
  });
  after(() => portal.close());
  const take = async (): Promise<string> => {
    await audrey.submit(PATH, MAKE);
    const [newest] = await LogCheckpoint.findAll({ order: [['count', 'DESC']] });
    const page = await audrey.submit(PATH, `${MAKE}/${newest?.id ?? ''}/export`);
    assert.equal(page.status, 200);
    assert.match(
      page.headers['content-disposition'] ?? '',
      /attachment; filename="?security-log-acme-\d+\.checkpoint\.json/,
    );
    return page.html;
  };
  const held = async (text: string) => {
    const [kept] = readCheckpoints(portal.services.keys, text);
    return verifyAgainst(portal.services.keys, kept ?? assert.fail());
  };

  it('are made by who may download the log, shown on its page, and downloaded; each step is a row', async () => {
    const before = (await rowsOf(portal, 'acme')).length;
    const text = await take();
    assert.equal((JSON.parse(text) as { rows: number }).rows, before);
    assert.deepEqual(
      (await rowsOf(portal, 'acme')).slice(-2).map(({ event }) => event),
      ['log.checkpoint-made', 'log.checkpoint-exported'],
    );
    assert.deepEqual(await newestDetails(portal, 'acme', 'log.checkpoint-exported'), { rows: before });
    assert.match((await audrey.get(PATH)).text, /Checkpoints Each says/);
    assert.equal((await held(text)).intact, true);
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.post(MAKE, { _csrf: await uma.csrf('/profile') })).status, 403);
  });

  it('are another organisation’s business nowhere', async () => {
    await take();
    const [one] = await LogCheckpoint.findAll();
    const gary = await portal.signedIn('globex/gary');
    const answer = await gary.post(`${MAKE}/${one?.id ?? ''}/export`, { _csrf: await gary.csrf('/profile') });
    assert.equal(answer.status, 404);
    assert.doesNotMatch((await gary.get(PATH)).text, /Fingerprint of the last/);
  });

  it('are taken and listed by programs that may, in the same words', async () => {
    const api = await programOf(portal, 'acme/adam', { scopes: ['log:export'] });
    const made = await api.post('/security-log/checkpoints');
    assert.equal(made.status, 201);
    assert.equal((await held(JSON.stringify(made.body))).intact, true);
    const listed = await api.get('/security-log/checkpoints?limit=1');
    assert.deepEqual(listed.body['data'], [made.body]);
  });

  it('that were changed, or are none, are told apart', async () => {
    const text = await take();
    const said = JSON.parse(text) as Record<string, unknown>;
    for (const [name, value] of Object.entries({
      rows: 1,
      hash: 'x',
      madeAt: '2020-01-01T00:00:00.000Z',
      organizationId: 'x',
      signature: 'x',
    }))
      await assert.rejects(() => held(JSON.stringify({ ...said, [name]: value })), /not as it was signed/, name);
    await assert.rejects(() => held(JSON.stringify({ ...said, keyId: 'other' })), /signed with the key "other"/);
    for (const none of ['', 'nonsense', '{}', '[]', '{"rows":'])
      await assert.rejects(() => held(none), /no checkpoint/, none);
  });

  it('are made each day by themselves, once, where something happened, and mailed to who wants that', async () => {
    await audrey.submit(PATH, `${MAKE}/mail`);
    assert.match((await audrey.get(PATH)).text, /No longer by mail/);
    const made = async (): Promise<number> => makeDailyCheckpoints(portal.services);
    assert.equal(await made(), 3);
    assert.equal(await made(), 0);
    portal.clock.move(DAY + 1);
    await record(await contextIn(portal, 'acme'), { event: 'demo.event' });
    const both = await Promise.all([made(), made()]);
    assert.deepEqual(both.sort(), [0, 1], 'Only in acme did anything happen, and only once is it made.');
    const mails = (await portal.inbox.mailsTo('audrey@acme.example')).filter(({ subject }) =>
      /Checkpoint/.test(subject),
    );
    assert.equal(mails.length, 2);
    assert.equal((await held(mails[1]?.text ?? '')).intact, true, 'The lines of the mail are a checkpoint.');
    const newest = await LogCheckpoint.findOne({ order: [['madeAt', 'DESC']] });
    assert.ok(newest?.exportedAt, 'What was mailed has been taken along.');
  });

  it('are read out of their mail as a mail program saves it, however it was carried', async () => {
    const mails = await portal.inbox.mailsTo('audrey@acme.example');
    const mail = mails.findLast(({ subject }) => /Checkpoint/.test(subject)) ?? assert.fail();
    const saved = await savedAs(mail);
    assert.match(saved, /quoted-printable/);
    for (const end of ['\n', '\r\n']) assert.equal((await held(saved.replace(/\r?\n/g, end))).intact, true);
    const coded = Buffer.from(mail.text).toString('base64').replace(/.{76}/g, '$&\n');
    const head = 'Subject: Checkpoint\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n';
    assert.equal((await held(head + coded)).intact, true);
    await assert.rejects(() => held(saved.replace(/rows: \d+/, 'rows: 1')), /not as it was signed/);
  });

  it('have left when one of their mails has, and not when it waits or was given up', async () => {
    const isOut = async (): Promise<boolean> => {
      const [newest] = await LogCheckpoint.findAll({ where: { madeBy: null }, order: [['madeAt', 'DESC']] });
      return newest?.exportedAt != null;
    };
    const relays = {
      down: () => Promise.reject(new Error('connect ECONNREFUSED')),
      refusing: () => Promise.reject(new Undeliverable('550 no such user')),
      open: () => Promise.resolve(),
    };
    for (const [relay, out] of [
      [[relays.down], false],
      [[relays.refusing], false],
      [[relays.down, relays.open], true],
    ] as const) {
      await portal.inbox.mailsTo('audrey@acme.example');
      portal.clock.move(DAY + 1);
      await record(await contextIn(portal, 'acme'), { event: 'demo.event' });
      assert.equal(await makeDailyCheckpoints(portal.services), 1);
      assert.equal(await isOut(), false, 'It is only queued.');
      for (const send of relay) {
        await deliverDue(portal.services, { send, close: () => undefined });
        portal.clock.move(HOUR);
      }
      assert.equal(await isOut(), out);
      await OutboxMessage.destroy({ where: { event: 'log-checkpoint' } });
    }
  });

  it('cannot be reworded to a mail that is none: all that a checkpoint says stays in it', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const at = '/admin/notifications/log-checkpoint';
    const form = (await olivia.open(at)).form(at);
    for (const name of ['organisationId', 'rows', 'hash', 'madeAt', 'keyId', 'signature'])
      for (const part of ['text', 'html']) {
        const answer = await olivia.post(at, {
          ...form,
          [part]: String(form[part]).replace(`{{${name}}}`, 'left out'),
        });
        assert.match(answer.errorOf(part), new RegExp(`of no use without \\{\\{${name}\\}\\}`));
      }
    assert.equal((await olivia.post(at, { ...form, subject: 'Keep this' })).status, 303);
  });

  it('find an end that was cut off, also where an old head was put back with it', async () => {
    const { tenant } = await contextIn(portal, 'globex');
    const old = await SecurityLogHead.findByPk(tenant.id, { raw: true, rejectOnEmpty: true });
    for (let at = 0; at < 3; at += 1) await record(await contextIn(portal, 'globex'), { event: 'demo.event' });
    const gary = await portal.signedIn('globex/gary');
    await gary.submit(PATH, MAKE);
    const newest = await LogCheckpoint.findOne({
      where: { tenantId: tenant.id },
      order: [['count', 'DESC']],
      rejectOnEmpty: true,
    });
    const text = (await gary.submit(PATH, `${MAKE}/${newest.id}/export`)).html;
    assert.equal((await held(text)).intact, true);
    await tamper(
      portal,
      `DELETE FROM security_events WHERE tenant_id = '${tenant.id}' AND seq > ${old.count}`,
      `UPDATE security_log_heads SET count = ${old.count}, hash = '${old.hash}', mac = '${old.mac}', key_id = '${old.keyId}' WHERE tenant_id = '${tenant.id}'`,
    );
    const verdict = await held(text);
    assert.ok(!verdict.intact);
    assert.match(verdict.why, /rows were cut off its end, or an older copy of the database was put back/);
    for (let at = 0; at < 9; at += 1) await record(await contextIn(portal, 'globex'), { event: 'demo.event' });
    const grown = await held(text);
    assert.ok(!grown.intact, 'Neither does it help to let the log grow again.');
    assert.match(grown.why, /is not the one that the checkpoint/);
  });
});

async function savedAs(mail: Mail): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true });
  const { message } = await transport.sendMail(mail);
  return String(message);
}
