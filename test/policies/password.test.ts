import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  describePasswordRules,
  historyFailure,
  normalisePassword,
  passwordFailures,
  type PasswordRules,
  type PasswordVerdicts,
} from '#policies/password.js';
import { passwordExpiresAt, mayChangeAgainAt } from '#policies/password-age.js';
import { PASSWORD_FLOOR, PASSWORD_MAX } from '#policies/password-settings.js';
import { PRESETS } from '#policies/security-policy.js';
import { processorTime } from '../support/processor.js';

const strong: PasswordVerdicts = { common: () => false, score: () => 4 };
const nobody = { names: [] };
const alice = { names: ['alice', 'alice.smith@acme.example', 'Alice Smith', 'Acme Rockets', 'acme'] };
const good = 'copper lantern drifts';

const failures = (candidate: string, rules: Partial<PasswordRules> = {}, owner = alice, verdicts = strong): string[] =>
  passwordFailures(candidate, { ...PRESETS.nist, ...rules }, owner, verdicts);

function refuses(candidate: string, because: RegExp, rules: Partial<PasswordRules> = {}, owner = alice): void {
  const said = failures(candidate, rules, owner);
  assert.equal(said.length, 1, `${JSON.stringify(candidate)}: ${said.join(' | ')}`);
  assert.match(said[0]!, because);
}

describe('choosing a password', () => {
  it('takes a long passphrase under the rules an organisation starts with', () => {
    assert.deepEqual(failures(good), []);
  });

  it('says what is wrong and what to do, all at once', () => {
    assert.deepEqual(failures('!!!!', PRESETS.classic), [
      'The password is too short: use at least 8 characters.',
      'The password has no capital letter: add one.',
      'The password has no small letter: add one.',
      'The password has no digit: add one.',
    ]);
  });

  it('never repeats any part of the password in what it says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[b-df-hj-np-tv-z]{5,9}$/), (secret) => {
        const said = failures(
          secret,
          { ...PRESETS.classic, minLength: 15 },
          { names: [secret] },
          { common: () => true, score: () => 0 },
        );
        assert.ok(said.length > 2);
        assert.ok(!said.join(' ').includes(secret));
      }),
    );
  });

  describe('length', () => {
    it('is counted in characters that a person sees, not in units of UTF-16', () => {
      refuses('🦊'.repeat(14), /too short: use at least 15/);
      assert.deepEqual(failures('🦊'.repeat(15)), []);
    });

    it('is counted after NFKC, so a composed and a decomposed é weigh the same', () => {
      refuses('e\u0301'.repeat(14), /too short/);
      assert.deepEqual(failures('e\u0301'.repeat(15)), []);
      refuses('ﷺ'.repeat(8), /too long/);
    });

    it('never goes below eight, whatever the policy says', () => {
      refuses('Kq7!vzt', /use at least 8/, { minLength: 1 });
      assert.deepEqual(failures('Kq7!vztp', { minLength: 1 }), []);
      assert.equal(PASSWORD_FLOOR, 8);
    });

    it('ends at 128, and allows all of them', () => {
      assert.deepEqual(failures('x'.repeat(PASSWORD_MAX)), []);
      refuses('x'.repeat(PASSWORD_MAX + 1), /at most 128/);
    });

    it('refuses a huge text without normalising it', () => {
      const asked: string[] = [];
      const verdicts = { common: (text: string) => asked.push(text) > 0, score: () => 0 };
      const accents = `a${'\u0301\u0316'.repeat(15_000)}`;
      const normalising = processorTime(() => accents.normalize('NFKC'));
      const refusing = processorTime(() =>
        assert.match(failures(accents, { minScore: 4 }, alice, verdicts).join(), /too long/),
      );
      assert.ok(refusing < normalising / 5, `${refusing} and ${normalising} ms`);
      assert.deepEqual(asked, []);
    });
  });

  describe('characters', () => {
    const broken = ['\0', '\n', '\t', '\u007f', '\u0085', '\ud800', '\udc00', '\u202e', '\u2066', '\u200f'];
    for (const character of broken) {
      it(`refuses U+${character.charCodeAt(0).toString(16).padStart(4, '0')}, which not every keyboard and form can carry`, () => {
        refuses(`copper${character}lantern drifts`, /control character/);
      });
    }

    it('takes spaces, accents, other scripts and emoji with joiners', () => {
      for (const candidate of ['żółć gęślą jaźń über', 'パスワードはとても長いほうがよい', 'fox 👩‍👩‍👧 and a long tail'])
        assert.deepEqual(failures(candidate), []);
    });

    it('asks for each class that the policy names, and for no other', () => {
      refuses('copper lantern 7 !', /capital letter/, PRESETS.classic);
      refuses('COPPER LANTERN 7 !', /small letter/, PRESETS.classic);
      refuses('Copper Lantern X !', /no digit/, PRESETS.classic);
      refuses('Copper Lantern 7 X', /no symbol/, PRESETS.classic);
      assert.deepEqual(failures('Copper Lantern 7 !', PRESETS.classic), []);
    });
  });

  describe('names', () => {
    for (const candidate of [
      'alice likes long walks',
      'i am ALICE and i walk',
      'we-alice.smith@acme.example-we',
      'wordsmith of the mill',
      'rockets over the mountain',
      'we work at ACME today',
      'my GateHouse passphrase',
      '4l1c3 likes long walks',
      'á͏lïcé likes long walks'.replace('\u034f', ''),
      'ａｌｉｃｅ likes long walks',
      'ecila likes long walks',
      'G@t3h0u5e passphrase',
    ]) {
      it(`refuses "${candidate}" for Alice Smith of Acme Rockets`, () =>
        refuses(candidate, /name that is easy to guess/));
    }

    it('lets the same words pass for somebody else, and where the rule is off', () => {
      assert.deepEqual(failures('alice likes long walks', {}, nobody), []);
      assert.deepEqual(failures('alice likes long walks', { forbidNames: false }), []);
    });

    it('looks for a name of three letters only where it stands alone', () => {
      const ann = { names: ['ann', 'Bo'] };
      refuses('my ann walks far away', /name/, {}, ann);
      refuses('ann1234 walks far away', /name/, {}, ann);
      assert.deepEqual(failures('planning a channel walk', {}, ann), []);
      assert.deepEqual(failures('bo walks very far away', {}, ann), []);
    });

    it('does not turn a username of digits into words', () => {
      assert.deepEqual(failures('my sole companion', {}, { names: ['5013'] }), []);
      refuses('my 5013 companions', /name/, {}, { names: ['5013'] });
    });

    it('does not forbid the words of the mail provider’s domain', () => {
      assert.deepEqual(failures('a fine mail from there', {}, { names: ['zed@mail.example'] }), []);
    });

    it('finds any name of four letters and more, wherever it is put', () => {
      const letters = fc.stringMatching(/^[a-z]{4,12}$/);
      const around = fc.stringMatching(/^[a-z .-]{8,20}$/);
      fc.assert(
        fc.property(letters, around, around, (name, before, after) => {
          for (const shape of [name, name.toUpperCase(), name.replaceAll('a', '4').replaceAll('e', '3')]) {
            assert.equal(failures(before + shape + after, {}, { names: [name] }).length, 1);
          }
        }),
      );
    });

    it('copes with owners whose names are empty or only marks', () => {
      assert.deepEqual(failures(good, {}, { names: ['', '  ', '@', '...', '\u0301'] }), []);
    });
  });

  describe('what attackers try first', () => {
    const weak: PasswordVerdicts = {
      common: (text) => text === good,
      score: (_text, names) => (names.includes('alice') ? 1 : 4),
    };

    it('refuses a common password while the policy says so', () => {
      assert.match(failures(good, {}, alice, weak).join(), /attackers try first/);
      assert.deepEqual(failures(good, { forbidCommon: false }, alice, weak), []);
    });

    it('compares the spelling that will be hashed', () => {
      assert.match(failures(good.replace('o', 'ｏ'), {}, alice, weak).join(), /attackers try first/);
    });

    it('refuses what is easier to guess than the policy allows, with the names of the owner known to the attacker', () => {
      assert.match(failures(good, { minScore: 2, forbidCommon: false }, alice, weak).join(), /too easy to guess/);
      assert.deepEqual(failures(good, { minScore: 1, forbidCommon: false }, alice, weak), []);
      assert.deepEqual(failures(good, { minScore: 4, forbidCommon: false }, nobody, weak), []);
    });

    it('does not ask for a score that no rule needs', () => {
      const never: PasswordVerdicts = { common: () => false, score: () => assert.fail('asked') };
      assert.deepEqual(failures(good, { minScore: 0 }, alice, never), []);
    });
  });

  it('is one of two things for any text: refused in words, or safe to hash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (candidate) => {
        if (failures(candidate, {}, nobody).length > 0) return;
        const kept = normalisePassword(candidate);
        const length = Array.from(kept).length;
        assert.ok(length >= 15 && length <= 128);
        assert.equal(normalisePassword(kept), kept);
        assert.equal(Buffer.from(kept, 'utf8').toString('utf8'), kept);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the list of password rules on a page', () => {
  it('names only what the policy asks for', () => {
    assert.deepEqual(
      describePasswordRules(PRESETS.nist).map(({ rule, value }) => [rule, value]),
      [
        ['minLength', 15],
        ['maxLength', 128],
        ['forbidNames', true],
        ['forbidCommon', true],
      ],
    );
  });

  it('names every rule that can be checked, in plain words', () => {
    const lines = describePasswordRules({ ...PRESETS.classic, minScore: 3, minLength: 2 });
    assert.deepEqual(
      lines.map(({ text }) => text),
      [
        'At least 8 characters',
        'At most 128 characters',
        'At least one capital letter',
        'At least one small letter',
        'At least one digit',
        'At least one symbol, such as ! ? # or -',
        'No name in it: not yours, not your username or e-mail address, not your organisation’s',
        'Not one of the passwords that attackers try first',
        'Hard to guess: strength 3 of 4 or more',
        'Not one of your last 5 passwords',
      ],
    );
    assert.equal(new Set(lines.map(({ rule }) => rule)).size, lines.length);
  });

  it('speaks of one password as one', () => {
    const once = { ...PRESETS.nist, history: 1 };
    assert.equal(describePasswordRules(once).at(-1)?.text, 'Not your present password');
    assert.match(historyFailure(once), /used this password before: choose one that is not your present password/);
    assert.match(historyFailure(PRESETS.pci), /one of your last 4 passwords/);
  });
});

describe('the age of a password', () => {
  const changedAt = Date.UTC(2025, 0, 1);
  const day = 86_400_000;

  it('does not matter unless the policy gives it an end', () => {
    assert.equal(passwordExpiresAt(changedAt, PRESETS.nist), null);
    assert.equal(mayChangeAgainAt(changedAt, PRESETS.nist), null);
  });

  it('ends after the days that the policy gives it', () => {
    assert.equal(passwordExpiresAt(changedAt, PRESETS.pci), changedAt + 90 * day);
  });

  it('keeps a new password for the hours that the policy asks', () => {
    assert.equal(mayChangeAgainAt(changedAt, PRESETS.classic), changedAt + day);
  });

  it('never keeps people from changing a password that has expired', () => {
    const trap = { ...PRESETS.nist, maxAgeDays: 1, minAgeHours: 168 };
    assert.equal(mayChangeAgainAt(changedAt, trap), passwordExpiresAt(changedAt, trap));
  });
});
