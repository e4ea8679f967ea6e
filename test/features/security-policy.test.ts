import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { DEFAULT_POLICY, PRESETS } from '#policies/security-policy.js';
import type { Permission } from '#policies/permissions.js';
import { changePolicy, readPolicy } from '#server/features/security-policy/actions.js';
import { previewPolicy } from '#server/features/security-policy/effects.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import type { Browser, Fields } from '../support/browser.js';
import { newestDetails, rowsOf } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-policy';
const PREVIEW = '/admin/security-policy/preview';

describe('The security policy', () => {
  let portal: Portal;
  let adam: Browser;
  const policyOf = async (slug: string) => SecurityPolicy.of((await contextIn(portal, slug)).tenant.id);
  const send = async (path: string, fields: Fields) => adam.post(path, { _csrf: await adam.csrf(PATH), ...fields });
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  it('An admin changes every value, sees it saved, and the log tells what it was and is', async () => {
    const values = {
      minLength: '12',
      requireUpper: 'on',
      requireLower: 'on',
      requireDigit: 'on',
      requireSymbol: 'on',
      minScore: '3',
      history: '5',
      maxAgeDays: '60',
      minAgeHours: '24',
    };
    const more = {
      changeAtFirstSignIn: 'on',
      lockoutThreshold: '4',
      sessionIdleMinutes: '20',
      sessionMaxHours: '8',
      maxSessions: '7',
      stepUpMinutes: '5',
    };
    const { forbidNames, ...typed } = (await adam.open(PATH)).form(PATH);
    assert.equal(forbidNames, 'on');
    const answer = await adam.post(PATH, { ...typed, ...values, ...more });
    assert.equal(answer.status, 303);
    assert.equal(answer.location, PATH);
    const page = await adam.follow(answer);
    assert.match(page.flash, /security policy has been changed/);
    const saved = (await policyOf('acme')).get({ plain: true });
    assert.deepEqual(saved, {
      ...saved,
      ...DEFAULT_POLICY,
      preset: 'custom',
      minLength: 12,
      requireUpper: true,
      requireLower: true,
      requireDigit: true,
      requireSymbol: true,
      forbidNames: false,
      minScore: 3,
      history: 5,
      maxAgeDays: 60,
      minAgeHours: 24,
      changeAtFirstSignIn: true,
      lockoutThreshold: 4,
      sessionIdleMinutes: 20,
      sessionMaxHours: 8,
      maxSessions: 7,
      stepUpMinutes: 5,
    });
    assert.deepEqual(
      { ...page.form(PATH), _csrf: '', _form: '', _shown: '' },
      { ...typed, ...values, ...more, _csrf: '', _form: '', _shown: '' },
    );
    const details = await newestDetails(portal, 'acme', 'policy.changed');
    assert.deepEqual(details['minLength'], { from: 15, to: 12 });
    assert.deepEqual(details['forbidNames'], { from: true, to: false });
    assert.deepEqual(details['preset'], { from: 'nist', to: 'custom' });
    assert.equal('forbidCommon' in details, false, 'only what changed is told');
    assert.equal((await policyOf('globex')).minLength, DEFAULT_POLICY.minLength);
  });

  it('A preset alone takes all its password values, and leaves the rest of the policy alone', async () => {
    await SecurityPolicy.update({ sessionIdleMinutes: 45, requireUpper: true, graceDays: 3 }, { where: {} });
    assert.equal((await send(PATH, { preset: 'pci' })).status, 303);
    const saved = (await policyOf('acme')).get({ plain: true });
    assert.deepEqual(saved, { ...saved, ...PRESETS.pci, preset: 'pci', sessionIdleMinutes: 45, graceDays: 3 });
    assert.match((await adam.open(PATH)).text, /PCI DSS 4 In use/);
  });

  it('What was typed wins over a preset that is sent with it, and is called custom', async () => {
    const typed = (await adam.open(PATH)).form(PATH);
    await adam.post(PATH, { ...typed, preset: 'classic', minLength: '20' });
    const saved = await policyOf('acme');
    assert.deepEqual([saved.preset, saved.minLength, saved.requireUpper], ['custom', 20, false]);
  });

  it('Typed values that are those of a preset are called by its name, whatever was sent', async () => {
    const boxes = {
      requireLower: 'on',
      requireDigit: 'on',
      forbidNames: 'on',
      forbidCommon: 'on',
      changeAtFirstSignIn: 'on',
    };
    await send(PATH, {
      preset: 'custom',
      minLength: '12',
      minScore: '0',
      history: '4',
      maxAgeDays: '90',
      minAgeHours: '0',
      ...boxes,
    });
    assert.equal((await policyOf('acme')).preset, 'pci');
  });

  it('The sessions part alone leaves every password value, boxes too, as it is', async () => {
    await send(PATH, { maxSessions: '3' });
    const saved = await policyOf('acme');
    assert.deepEqual(
      [saved.maxSessions, saved.preset, saved.forbidCommon, saved.sessionIdleMinutes],
      [3, 'nist', true, 30],
    );
  });

  it('One password value takes that part by hand: a box that is not sent is off, a number that is not sent stays', async () => {
    await send(PATH, { minLength: '16', forbidNames: 'on' });
    const saved = await policyOf('acme');
    assert.deepEqual([saved.minLength, saved.forbidNames, saved.forbidCommon, saved.history], [16, true, false, 0]);
  });

  it('Values beyond what the platform allows are refused, each at its field, and nothing is saved', async () => {
    const wrong = {
      minLength: ['7', '129', '', '12.5', '-9', 'twelve', '1e1', ['12', '13']],
      minScore: ['5'],
      history: ['25'],
      maxAgeDays: ['731'],
      minAgeHours: ['169'],
      lockoutThreshold: ['2', '21'],
      sessionIdleMinutes: ['4', '481'],
      sessionMaxHours: ['0', '169'],
      maxSessions: ['0', '101'],
      stepUpMinutes: ['0', '61'],
      requireUpper: ['maybe'],
      preset: ['nonsense'],
    };
    const typed = (await adam.open(PATH)).form(PATH);
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        for (const path of [PATH, PREVIEW]) {
          const answer = await adam.post(path, { ...typed, [field]: value });
          assert.equal(answer.status, 422, `${field}=${String(value)}`);
          if (field !== 'preset') assert.notEqual(answer.errorOf(field), '', field);
        }
      }
    }
    const saved = (await policyOf('acme')).get({ plain: true });
    assert.deepEqual(saved, { ...saved, ...DEFAULT_POLICY });
  });

  it('What is wrong with a number calls it by the name that stands at its field', async () => {
    const page = await adam.open(PATH);
    const numbers = page.document
      .querySelectorAll('input[inputmode=numeric]')
      .map((input) => input.getAttribute('name') ?? '');
    const all = Object.fromEntries(numbers.map((name) => [name, '9999']));
    const answer = await adam.post(PATH, { ...page.form(PATH), ...all });
    assert.equal(answer.status, 422);
    assert.ok(numbers.length > 8);
    for (const name of numbers) {
      const called =
        answer
          .errorOf(name)
          .replace(/^Error: /, '')
          .split(':')[0] ?? '';
      const label = answer.document.querySelector(`label[for=field-${name}]`)?.text ?? '';
      assert.ok(called !== '' && label.startsWith(called), `${label} is called ${called}`);
    }
  });

  it('Values that contradict each other are refused, and what was typed is shown again', async () => {
    const typed = (await adam.open(PATH)).form(PATH);
    const ages = await adam.post(PREVIEW, { ...typed, maxAgeDays: '2', minAgeHours: '48' });
    assert.equal(ages.status, 422);
    assert.match(ages.errorOf('minAgeHours'), /fewer than 48 hours/);
    assert.equal(ages.valueOf('maxAgeDays'), '2');
    const kept = await adam.post(PREVIEW, { ...typed, logRetentionDays: '364' });
    assert.match(kept.errorOf('logRetentionDays'), /for a year at least/);
    const idle = await adam.post(PATH, { ...typed, sessionMaxHours: '1', sessionIdleMinutes: '61' });
    assert.match(idle.errorOf('sessionIdleMinutes'), /at most 60 minutes/);
    assert.equal((await adam.post(PATH, { ...typed, sessionMaxHours: '1', sessionIdleMinutes: '60' })).status, 303);
  });

  it('A field that the form does not have is refused, so that nothing else of the policy can be set by it', async () => {
    for (const field of ['tenantId', 'updatedAt', 'twoFactorSince', 'constructor']) {
      assert.equal((await send(PATH, { minLength: '20', [field]: '1' })).status, 422, field);
    }
    assert.equal((await policyOf('acme')).minLength, 15);
  });

  it('Saving what is there already changes nothing and is not logged', async () => {
    const answer = await adam.submit(PATH, PATH);
    assert.match((await adam.follow(answer)).flash, /nothing has changed/);
    assert.deepEqual(
      (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'policy.changed'),
      [],
    );
  });

  it('Of two who save at once the second is told, and the log has both, each with what it found', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const page = await olivia.open(PATH);
    const answers = await Promise.all([
      adam.submit(PATH, PATH, { maxSessions: '8' }),
      olivia.post(PATH, { ...page.form(PATH), maxSessions: '9' }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
    const told = answers.find(({ status }) => status === 422)!;
    assert.match(told.errorOf('maxSessions'), /changed this meanwhile/);
    const late = told === answers[0] ? adam : olivia;
    assert.equal((await late.post(PATH, told.form(PATH))).status, 303);
    const changes = (await rowsOf(portal, 'acme'))
      .filter(({ event }) => event === 'policy.changed')
      .map(({ details }) => JSON.parse(details) as { maxSessions: { from: number; to: number } });
    assert.equal(changes.length, 2);
    assert.equal(changes[0]?.maxSessions.from, 20);
    assert.deepEqual(
      changes.slice(1).map(({ maxSessions }) => maxSessions.from),
      changes.slice(0, 1).map(({ maxSessions }) => maxSessions.to),
    );
    assert.equal((await policyOf('acme')).maxSessions, changes.at(-1)?.maxSessions.to);
  });

  it('An auditor sees it and cannot change it; a user does not see it', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const page = await audrey.open(PATH);
    assert.match(page.text, /Minimum length\s?15 characters/);
    assert.deepEqual(
      page.forms().filter((action) => action.startsWith(PATH)),
      [],
    );
    for (const path of [PATH, PREVIEW])
      assert.equal((await audrey.post(path, { _csrf: await audrey.csrf('/security'), minLength: '8' })).status, 403);
    assert.equal((await (await portal.signedIn('acme/uma')).get(PATH)).status, 403);
  });

  it('The actions themselves refuse an actor without the permission, whatever door they come through', async () => {
    const context = await contextIn(portal, 'acme');
    const as = (...permissions: Permission[]) => ({
      ...context,
      actor: { ...context.actor, kind: 'user' as const, permissions: new Set(permissions) },
    });
    await assert.rejects(() => readPolicy(as('log:read')), { status: 403 });
    await assert.rejects(() => previewPolicy(as('policy:read'), { minLength: 8 }), { status: 403 });
    await assert.rejects(() => changePolicy(as('policy:read'), { minLength: 8 }), { status: 403 });
    assert.equal((await policyOf('acme')).minLength, 15);
  });

  it('Changing it asks again who is there, when the last sign-in was too long ago', async () => {
    const typed = (await adam.open(PATH)).form(PATH);
    portal.clock.move(11 * MINUTE);
    for (const path of [PATH, PREVIEW]) assert.match((await adam.post(path, typed)).location, /^\/confirm/);
    portal.clock.move(HOUR);
    assert.match((await adam.get(PATH)).location, /^\/login/);
  });
});
