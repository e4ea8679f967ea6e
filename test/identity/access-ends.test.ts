import assert from 'node:assert/strict';
import type { Model, ModelStatic } from 'sequelize';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { accessKinds } from '#server/identity/access.js';
import type { Occasion } from '#server/identity/access-kind.js';
import { ownerOf, removeAccess } from '#server/identity/walk-access.js';
import type { Fields } from '../support/browser.js';
import { clearCounters, rowOf } from '../support/database.js';
import { setPasswordWith } from '../support/disavowal.js';
import { contextIn, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { leave, stay } from '../support/leaving.js';
import { pageOf } from '../support/users.js';
import { disavowalPath, somebody, takeLink } from '../house/pathway-doors.js';
import { enrolled, signedIn, THINGS, type Person } from './access-things.js';

const NEW = 'quiet-lantern-orchard-57';

describe('What was made before somebody got their account back', () => {
  let portal: Portal;
  let person: Person;
  let disavowal: string;
  let guests = 0;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    const who = `acme/guest${(guests += 1)}`;
    person = { who, user: await somebody(portal, who), password: PASSWORD };
    portal.clock.move(1000);
    disavowal = await disavowalPath(portal, who);
    portal.clock.move(1000);
  });
  afterEach(() => clearCounters(portal.database));
  after(() => portal.close());

  async function setNewPassword(path: string): Promise<void> {
    assert.equal((await setPasswordWith(portal, path, NEW)).status, 303);
    person.password = NEW;
  }

  /** What somebody else presses on a page, as they would. */
  async function press(by: string, at: string, action: string, fields: Fields = {}): Promise<void> {
    const answer = await (await portal.signedIn(by)).submit(at, action, fields);
    assert.equal(answer.status, 303, `${action}: ${answer.alert}`);
  }

  /** How an account comes back to its owner, through the doors there are; by a new password where one is set at all. */
  const TURNS: Readonly<Record<Occasion, () => Promise<void>>> = {
    async disavowal() {
      assert.equal((await takeLink(portal, disavowal))?.status, 303);
      await setNewPassword(await portal.inbox.linkTo(person.user.email, '/password/reset/'));
    },
    async 'reset by mail'() {
      await setNewPassword(await mailResetLink(portal, person.who));
    },
    async 'password change'() {
      const browser = await signedIn(portal, person);
      const fields = { currentPassword: PASSWORD, newPassword: NEW, confirmPassword: NEW };
      const answer = await browser.submit('/security', '/security/password', fields);
      assert.equal(answer.status, 303, answer.alert);
      person.password = NEW;
    },
    async 'factor change'() {
      const page = pageOf(person.user.id);
      if (person.phone) await press('acme/adam', page, `${page}/two-factor-reset`, { reason: 'New phone' });
      else await enrolled(portal, person);
    },
    async 'sessions end'() {
      // The button is there while a session is.
      await signedIn(portal, person);
      const page = pageOf(person.user.id);
      await press('acme/adam', page, `${page}/sessions/removal`);
    },
    async disabling() {
      const page = pageOf(person.user.id);
      for (const status of ['disabled', 'active']) await press('acme/adam', page, page, { status });
    },
    async leaving() {
      const browser = await signedIn(portal, person);
      await leave(browser, person.user.username, { code: person.phone?.nextCode() ?? '' });
      await stay(await signedIn(portal, person));
    },
    async suspension() {
      const page = `/platform/tenants/${(await contextIn(portal, 'acme')).tenant.id}`;
      await press('platform/opal', `${page}/suspension`, `${page}/suspension`);
      await press('platform/opal', page, `${page}/resumption`);
    },
  };

  /** What is made of a kind that no door is known of: a row as its table takes one. */
  async function madeUp(model: ModelStatic<Model>): Promise<undefined> {
    const { id: userId, tenantId } = person.user;
    await rowOf(portal.database, String(model.getTableName()), { tenantId, userId });
  }

  const kinds = [...new Set([...accessKinds().map(({ name }) => name), ...Object.keys(THINGS)])];
  for (const [turn, take] of Object.entries(TURNS) as [Occasion, () => Promise<void>][])
    for (const name of kinds) {
      const kind = accessKinds().find((one) => one.name === name);
      const thing = THINGS[name];
      if (thing?.factor && turn === 'factor change') continue;
      // What nobody has listed must not outlive anything.
      const ends = kind === undefined || kind.on[turn] !== undefined;
      it(`${ends ? 'is over' : 'goes on'} after ${turn}: ${name}`, async () => {
        const model = thing?.model ?? kind!.model;
        const knock = await (thing?.make(portal, person) ?? madeUp(model));
        const where = { userId: person.user.id, ...thing?.where };
        const made = (await model.findAll({ where })).filter((row) => !isOver(row));
        assert.notEqual(made.length, 0, 'Nothing was made.');
        portal.clock.move(1000);
        await take();
        await forgetEpochs(model, where);
        const left = await Promise.all(made.map((row) => model.findOne({ where: keyOf(row) })));
        assert.deepEqual(
          left.map((row) => row === null || isOver(row)),
          made.map(() => ends),
          'Over is by its own row, whatever else stands in its way.',
        );
        if (knock) assert.equal(await knock(), !ends, 'At its door.');
      });
    }

  it('leaves no row of any kind behind when somebody goes, and those of others alone', async () => {
    const other = await somebody(portal, `acme/guest${(guests += 1)}`);
    for (const { id: userId, tenantId } of [person.user, other])
      for (const { model } of accessKinds())
        await rowOf(portal.database, String(model.getTableName()), { tenantId, userId });
    await inTransaction(() => removeAccess(ownerOf(person.user)));
    for (const { name, model } of accessKinds()) {
      assert.equal(await model.count({ where: { userId: person.user.id } }), 0, name);
      assert.equal(await model.count({ where: { userId: other.id } }), 1, name);
    }
  });

  /** Lets each row be of the account as it is now: no epoch that has moved on is then what refuses it. */
  async function forgetEpochs(model: ModelStatic<Model>, where: Readonly<Record<string, unknown>>): Promise<void> {
    if (!('epoch' in model.getAttributes())) return;
    const { epoch } = await User.findByPk(person.user.id, { rejectOnEmpty: true });
    await model.update({ epoch }, { where });
  }
});

const OVER = ['endedAt', 'usedAt', 'revokedAt', 'replacedAt', 'suspendedAt'];

function isOver(row: Model): boolean {
  return OVER.some((column) => (row.get(column) ?? null) !== null);
}

function keyOf(row: Model): Record<string, unknown> {
  const { primaryKeyAttributes } = row.constructor as ModelStatic<Model>;
  return Object.fromEntries(primaryKeyAttributes.map((name) => [name, row.get(name)]));
}
