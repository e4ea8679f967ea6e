import assert from 'node:assert/strict';
import { PRESET_NAMES } from '#policies/enumerations.js';
import { DEFAULT_POLICY, PRESETS, presetOf, type SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS, settingOf, type PolicyField } from '#policies/settings.js';

const fields =
  'preset minLength requireUpper requireLower requireDigit requireSymbol forbidNames forbidCommon minScore history maxAgeDays minAgeHours changeAtFirstSignIn lockoutThreshold twoFactor graceDays rememberBrowserDays passkeys passwordSignIn passkeyCounter sessionIdleMinutes sessionMaxHours maxSessions stepUpMinutes twoPersonReset tokenMaxMonths allowPasswordOnApi logRetentionDays allowedIps';

describe('the security policy of an organisation', () => {
  it('has exactly the fields that forms and the API know', () => {
    assert.deepEqual(Object.keys(DEFAULT_POLICY).sort(), fields.split(' ').sort());
  });

  it('starts with NIST’s rules: fifteen characters, no composition, no expiry', () => {
    assert.deepEqual(DEFAULT_POLICY, {
      preset: 'nist',
      minLength: 15,
      requireUpper: false,
      requireLower: false,
      requireDigit: false,
      requireSymbol: false,
      forbidNames: true,
      forbidCommon: true,
      minScore: 0,
      history: 0,
      maxAgeDays: 0,
      minAgeHours: 0,
      changeAtFirstSignIn: false,
      lockoutThreshold: 5,
      twoFactor: 'optional',
      graceDays: 14,
      rememberBrowserDays: 0,
      passkeys: 'passwordless',
      passwordSignIn: 'allowed',
      passkeyCounter: 'report',
      sessionIdleMinutes: 30,
      sessionMaxHours: 12,
      maxSessions: 20,
      stepUpMinutes: 10,
      twoPersonReset: false,
      tokenMaxMonths: 12,
      allowPasswordOnApi: false,
      logRetentionDays: 0,
      allowedIps: '',
    } satisfies SecurityPolicy);
  });

  it('has a range for every number, and every preset lies inside', () => {
    for (const name of PRESET_NAMES) {
      const policy = { ...DEFAULT_POLICY, ...PRESETS[name] };
      for (const field of POLICY_FIELDS) {
        const setting = settingOf(field);
        const value = policy[field];
        assert.equal(setting.kind === 'number', typeof value === 'number', field);
        if (setting.kind !== 'number') continue;
        const { min, max } = setting;
        assert.ok(Number.isInteger(value) && Number(value) >= min && Number(value) <= max, `${name}: ${field}`);
      }
    }
  });

  it('cannot be set below the floor of the platform', () => {
    const ranges = {
      minLength: [8, 128],
      lockoutThreshold: [3, 20],
      tokenMaxMonths: [1, 12],
      sessionMaxHours: [1, 168],
    };
    for (const [field, range] of Object.entries(ranges)) {
      const setting = settingOf(field as PolicyField);
      assert.ok(setting.kind === 'number');
      assert.deepEqual([setting.min, setting.max], range, field);
    }
  });

  it('refuses common passwords and names in every preset', () => {
    for (const name of PRESET_NAMES) assert.ok(PRESETS[name].forbidCommon && PRESETS[name].forbidNames);
  });

  it('asks in the PCI preset what PCI DSS 4 asks: twelve characters, letters and digits, the last four, ninety days', () => {
    const { minLength, requireLower, requireDigit, history, maxAgeDays, changeAtFirstSignIn } = PRESETS.pci;
    assert.deepEqual(
      [minLength, requireLower, requireDigit, history, maxAgeDays, changeAtFirstSignIn],
      [12, true, true, 4, 90, true],
    );
  });

  it('asks in the classic preset for eight characters of four classes, changed every ninety days', () => {
    const { minLength, requireUpper, requireLower, requireDigit, requireSymbol, history, maxAgeDays, minAgeHours } =
      PRESETS.classic;
    assert.deepEqual([minLength, history, maxAgeDays, minAgeHours], [8, 5, 90, 24]);
    assert.ok(requireUpper && requireLower && requireDigit && requireSymbol);
  });
});

describe('the name of a preset', () => {
  for (const name of PRESET_NAMES) {
    it(`is ${name} when every password value is that preset’s, whatever the other values are`, () => {
      assert.equal(presetOf(PRESETS[name]), name);
      assert.equal(
        presetOf({ ...DEFAULT_POLICY, ...PRESETS[name], maxSessions: 3, preset: 'custom' } as SecurityPolicy),
        name,
      );
    });
  }

  it('is custom as soon as one password value differs', () => {
    for (const [field, value] of Object.entries(PRESETS.nist)) {
      const other = typeof value === 'number' ? value + 1 : !value;
      assert.equal(presetOf({ ...PRESETS.nist, [field]: other }), 'custom', field);
    }
  });
});
