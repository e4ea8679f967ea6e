import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { Permission } from '#policies/permissions.js';
import { tellOfMark } from '#server/identity/break-glass.js';
import { MAIL_EVENTS, onlyForOf, ownVariables, type MailEvent } from '#server/mail/events.js';
import { queueMail } from '#server/mail/outbox.js';
import { sampleValues } from '#server/mail/sample.js';
import { giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { Program } from '../support/program.js';
import { watchStatements } from '../support/statements.js';
import { roleId } from '../support/users.js';

const EVENTS = Object.keys(MAIL_EVENTS) as MailEvent[];
const UMAR = 'umar@acme.example';

describe('A mail that goes to somebody because of what they may do, and has waited', () => {
  let portal: Portal;
  let umar: User;
  beforeEach(async () => {
    portal = await startPortal();
    umar = await User.findByPk(portal.idOf('acme/umar'), { include: 'roles', rejectOnEmpty: true });
    // What was written before is of no concern here.
    await portal.inbox.mailsTo(UMAR);
    portal.inbox.mails.length = 0;
  });
  afterEach(() => portal.close());

  const queue = async (event: MailEvent): Promise<void> => {
    const context = await contextIn(portal, 'acme');
    const tenant = await Tenant.findByPk(context.tenant.id, { rejectOnEmpty: true });
    const all = sampleValues(event, '');
    const variables = Object.fromEntries(Object.keys(ownVariables(event)).map((name) => [name, all[name]]));
    await queueMail(context, { event, to: umar, tenant, variables: variables as never });
  };
  const arrived = async (): Promise<string[]> => (await portal.inbox.mailsTo(UMAR)).map(({ event }) => event);
  const forRole = EVENTS.filter((event) => onlyForOf(event) !== null);

  const hold = async (event: MailEvent): Promise<void> => {
    const needed = onlyForOf(event);
    if (needed === 'owner')
      await giveRoles(umar, [await Role.findByPk(await roleId(portal, 'acme', 'owner'), { rejectOnEmpty: true })]);
    else if (needed !== 'active') await giveRoles(umar, [await roleWith(portal, 'acme', [needed as Permission])]);
  };

  it('is for a right that the catalogue names, whichever is for administrators, owners or readers', () => {
    const toThem = /^To (every |the )?(administrators?|owners?|operators|those|who(ever)?)\b(?! of )/;
    const named = EVENTS.filter((event) => {
      const { description } = MAIL_EVENTS[event];
      return toThem.test(description) || /to who asked for it/.test(description);
    });
    assert.ok(named.length >= 14, String(named));
    // Each of these is told of what they themselves have asked for, or of their own account.
    const own = [
      'account-removal-asked',
      'account-removal-near',
      'account-removal-refused',
      'account-removal-withdrawn',
    ];
    const asked = ['account-removed', 'approval-decided'];
    assert.deepEqual(
      named.filter((event) => onlyForOf(event) === null && ![...own, ...asked].includes(event)),
      [],
    );
  });

  it('arrives with who still has that right, and with nobody who has lost it, or is disabled', async () => {
    const roles = umar.roles ?? [];
    for (const event of forRole) {
      await hold(event);
      await queue(event);
      assert.deepEqual(await arrived(), [event]);
      portal.inbox.mails.length = 0;

      await queue(event);
      await User.update({ status: 'disabled' }, { where: { id: umar.id } });
      assert.deepEqual(await arrived(), [], `${event}: disabled`);
      await User.update({ status: 'active' }, { where: { id: umar.id } });

      await queue(event);
      await giveRoles(umar, roles);
      assert.deepEqual(await arrived(), onlyForOf(event) === 'active' ? [event] : [], `${event}: another role`);
      portal.inbox.mails.length = 0;
    }
    assert.equal(await OutboxMessage.count({ where: { userId: umar.id, state: 'queued' } }), 0, 'and none waits on');
  });

  it('is looked at by one read, whatever it is for', async () => {
    for (const event of forRole) {
      await hold(event);
      await queue(event);
      const { reads, queries } = watchStatements(portal);
      assert.deepEqual(await arrived(), [event]);
      portal.inbox.mails.length = 0;
      const about = [...reads, ...queries].filter((sql) =>
        /\b(FROM|JOIN) [`"]?(users|roles|user_roles|tenants)\b/.test(sql),
      );
      assert.equal(about.length, 1, `${event}: ${about.join(';')}`);
    }
  });

  it('arrives where its reader has their mail by then, and the log of mails says so', async () => {
    await hold('daily-digest');
    await queue('daily-digest');
    await queue('password-changed');
    await User.update({ email: 'umar@new.example' }, { where: { id: umar.id } });
    assert.deepEqual(
      await arrived(),
      ['password-changed'],
      'What is told of the account goes where it was written to.',
    );
    assert.equal((await portal.inbox.newestTo('umar@new.example')).event, 'daily-digest');
    const row = await OutboxMessage.findOne({ where: { event: 'daily-digest' }, rejectOnEmpty: true });
    assert.deepEqual([row.state, row.recipient], ['sent', 'umar@new.example']);
  });

  it('while what is told of one’s own account goes to whoever has it, disabled or not', async () => {
    await User.update({ status: 'disabled' }, { where: { id: umar.id } });
    const own = EVENTS.filter((event) => onlyForOf(event) === null);
    for (const event of own) await queue(event);
    assert.deepEqual((await arrived()).sort(), own.sort());
  });

  it('also where the owner of another account would be told: an alarm of a service account’s token', async () => {
    const roles = umar.roles ?? [];
    const { secret } = await tokenFor(portal, 'acme/robo');
    await giveRoles(umar, [await Role.findByPk(await roleId(portal, 'acme', 'admin'), { rejectOnEmpty: true })]);
    assert.equal((await new Program(portal).post('/credentials/leaked', { tokens: [secret] })).status, 202);
    assert.equal(await OutboxMessage.count({ where: { userId: umar.id, event: 'credential-leaked' } }), 1);
    await giveRoles(umar, roles);
    assert.deepEqual(await arrived(), []);
    assert.equal((await portal.inbox.newestTo('adam@acme.example')).event, 'credential-leaked');
  });

  it('and the account that was marked break-glass hears of it, whatever it may do by then', async () => {
    await inTransaction(async () => tellOfMark(await contextIn(portal, 'acme'), umar, true));
    await User.update({ status: 'disabled' }, { where: { id: [umar.id, portal.idOf('acme/olivia')] } });
    assert.deepEqual(await arrived(), ['break-glass-changed']);
    assert.deepEqual(await portal.inbox.mailsTo('olivia@acme.example'), []);
  });

  it('and a sample comes to whoever has asked for it', async () => {
    const browser = await portal.signedIn('acme/adam');
    const path = '/admin/notifications/break-glass-used';
    assert.equal((await browser.post(`${path}/test`, (await browser.get(path)).form(path))).status, 303);
    assert.match((await portal.inbox.newestTo('adam@acme.example')).subject, /^\[Sample\]/);
  });
});
