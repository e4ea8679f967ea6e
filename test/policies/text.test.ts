import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timeZoneCalled, TIME_ZONES } from '#policies/locales.js';
import {
  canonicalEmail,
  canonicalUsername,
  emailProblem,
  lookalikeProblem,
  slugProblem,
  soughtName,
  soughtUser,
  tidyEmail,
  usernameProblem,
} from '#policies/names.js';
import { fold, hides, plainLetters, tidy } from '#policies/text.js';
import { bareCode } from '#server/lib/typed-code.js';

/** One of every class of characters that nobody sees. */
const HIDDEN =
  '\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u2060\u2064\u2800\u3164\ufe0f\ufeff\uffa0'.concat(
    '\ufff9\u{1bca0}\u{1d173}\u{e0001}\u{e0061}\u{e0100}',
  );
/** Every white space that Unicode has beside those that break a line. */
const SPACES = ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000';

const anything = fc.string({ unit: 'binary', maxLength: 40 });
const everyCharacter = function* (): Generator<string> {
  for (let at = 0; at <= 0x10ffff; at += 1) {
    const one = String.fromCodePoint(at);
    // Han and Hangul have neither case nor hidden ones, and are most of it.
    if (!/[\p{Cn}\p{Co}\p{Cs}]|(?![\p{DI}\p{M}])[\p{sc=Hani}\p{sc=Hang}]/u.test(one)) yield one;
  }
};

describe('Text that people type and paste', () => {
  it('Made tidy, folded or looked up a second time is as it was after the first', () => {
    for (const form of [tidy, fold, plainLetters, canonicalUsername, canonicalEmail, tidyEmail, soughtName, bareCode]) {
      fc.assert(
        fc.property(anything, (text) => {
          assert.equal(form(form(text)), form(text));
        }),
      );
    }
    for (const one of everyCharacter())
      for (const form of [tidy, fold, plainLetters, bareCode])
        if (form(form(one)) !== form(one)) assert.fail(`${form.name} of ${one.codePointAt(0)?.toString(16)}`);
  });

  it('Is one thing in whatever case, composition and width, with whatever hides in it', () => {
    for (const one of everyCharacter())
      for (const same of [one.toUpperCase(), one.toLowerCase(), one.normalize('NFD'), one.normalize('NFKC')])
        if (fold(same) !== fold(one)) assert.fail(`${one} and ${same} (${one.codePointAt(0)?.toString(16)})`);
    fc.assert(
      fc.property(anything, fc.nat(), fc.constantFrom(...HIDDEN), (text, at, hidden) => {
        const cut = at % (text.length + 1);
        fc.pre(!/[\ud800-\udbff]$/.test(text.slice(0, cut)));
        // Between a letter and its mark something hidden parts them, and then they are two.
        fc.pre(!/^\p{M}|^[\u1160-\u11ff]/u.test(text.slice(cut)));
        assert.equal(fold(text.slice(0, cut) + hidden + text.slice(cut)), fold(text));
      }),
    );
    for (const [first, ...others] of [
      ['Straße', 'STRASSE', 'STRAẞE', 'strasse'],
      ['İPEK', 'ipek', 'IPEK', 'ıpek', 'i\u0307pek'],
      ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς', 'οδυσσευσ'],
      ['ﬁn', 'FIN'],
    ] as const)
      for (const other of others) assert.equal(fold(other), fold(first), `${other} is ${first}`);
  });

  it('Is kept without what nobody sees, and with every white space as a plain one', () => {
    for (const one of HIDDEN) {
      assert.ok(hides(one));
      assert.equal(tidy(`${one}An${one}na${one}`), 'Anna', one.codePointAt(0)?.toString(16));
      assert.equal(tidy(one), '');
    }
    for (const one of SPACES) assert.equal(tidy(`${one}Anna${one}Berg${one}`), 'Anna Berg');
    for (const spelt of ['علی‌رضا', 'क्‍ष', '👩‍💻', '❤️', '1️⃣', '葛\u{e0100}', 'ᠠ᠋ᠠ']) assert.equal(tidy(spelt), spelt);
    assert.equal(tidy('e\u0301'), 'é');
  });

  it('May not be a username, or the short name of an organisation, that is read as another in Latin letters', () => {
    // Cyrillic, Greek, Armenian, Cherokee, Lisu; small, capital, with marks, and with what belongs to no script.
    const read = {
      сара: 'capa',
      РАУРАІ: 'paypai',
      'сёр-1': 'cep-1',
      νικο: 'viko',
      օոս: 'onu',
      ꭺꮯꭼ: 'ace',
      ꓮꓚꓟꓰ: 'acme',
    };
    for (const [typed, latin] of Object.entries(read)) {
      assert.equal(usernameProblem(typed), null, typed);
      assert.match(lookalikeProblem(typed) ?? '', new RegExp(`read as “${latin}”`), typed);
      assert.ok(slugProblem(typed) !== null, typed);
    }
    for (const name of [
      'саша',
      'николай',
      'νίκος',
      'γιώργος',
      'արամ',
      'capa',
      'émile',
      'łukasz',
      '山田',
      'tanaka山田',
      'ᏣᎳᎩ',
      '007',
    ])
      assert.equal(lookalikeProblem(name), null, name);
  });

  it('May be a username in every script of today with its marks, but not in two that look alike', () => {
    for (const name of [
      'सुनीता',
      'தமிழ்',
      'วันชัย',
      'ё́лка',
      'สมชาย',
      '佐藤',
      'محمد',
      '佐藤ken',
      '김철수',
      'Ødegård',
      'ひらカタ漢字',
    ]) {
      assert.equal(usernameProblem(name), null, name);
      assert.equal(lookalikeProblem(name), null, name);
      assert.equal(canonicalUsername(name.normalize('NFD')), canonicalUsername(name), name);
    }
    for (const mixed of ['\u0430dam', 'adam\u03bf', 'p\u0430ypal', 'ա\u043bex'])
      assert.match(lookalikeProblem(mixed) ?? '', /one script/);
    for (const none of [...HIDDEN].map((one) => `iris${one}x`))
      assert.match(usernameProblem(none) ?? '', /nobody sees/);
    assert.notEqual(usernameProblem(`i${'\u0301'.repeat(9)}`), null);
    assert.notEqual(usernameProblem('\u0301iris'), null);
  });

  it('Is one mailbox in either spelling of its domain', () => {
    const spellings = [
      'iris@münchen.example',
      'IRIS@MÜNCHEN.example',
      'iris@xn--mnchen-3ya.example',
      'iris@mu\u0308nchen.example.',
      ' iris@münchen。example\u200b',
      'ｉｒｉｓ@ｍünchen.example',
    ];
    for (const one of spellings) {
      assert.equal(canonicalEmail(one), 'iris@xn--mnchen-3ya.example', one);
      assert.equal(canonicalEmail(tidyEmail(one)), canonicalEmail(one));
      assert.equal(emailProblem(one), null, one);
    }
    for (const none of [
      'iris@example..com',
      'iris@acme.example..',
      'iris@',
      '@acme.example',
      'i ris@acme.example',
      'i@x/y.example',
      'i@%41.de',
      'i@1.22',
    ])
      assert.notEqual(emailProblem(none), null, none);
    const sought = soughtUser({ username: 'Ødegård', name: 'Émile Ærø', email: 'iris@münchen.example' });
    for (const word of ['odegard', 'emile', 'aero', 'xn--mnchen', 'munchen']) assert.ok(sought.includes(word), word);
  });

  it('Is a code in any digits, between any marks, and in none when something else is in it', () => {
    const zeros = [0x30, 0x660, 0x6f0, 0x966, 0xe50, 0xff10, 0x1d7d8, 0x1e950];
    const around = fc.string({
      unit: fc.constantFrom(...HIDDEN, ...SPACES, ...'\t\n-‐‑–—−«»“”’\'"`.,;:*_()[]\u202a\u202c\u0301'),
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, fc.nat(9), fc.constantFrom(...zeros)), { minLength: 6, maxLength: 6 }),
        (digits) => {
          const typed = digits.map(([mark, digit, zero]) => mark + String.fromCodePoint(zero + digit)).join('');
          assert.equal(bareCode(typed), digits.map(([, digit]) => digit).join(''));
        },
      ),
    );
    for (const other of ['12345x', '+12345', '12345=', '1234\0']) assert.doesNotMatch(bareCode(other), /^[0-9]+$/);
  });

  it('Names a time zone in any case and by its aliases, as the list has it', () => {
    for (const zone of TIME_ZONES) {
      assert.equal(timeZoneCalled(zone), zone);
      assert.equal(timeZoneCalled(` ${zone.toLowerCase()} `), zone);
    }
    for (const [alias, zone] of Object.entries({
      'US/Eastern': 'America/New_York',
      'Europe/Kiev': 'Europe/Kyiv',
      'Asia/Calcutta': 'Asia/Kolkata',
      'Etc/UTC': 'UTC',
      GMT: 'UTC',
      'America/New York': 'America/New_York',
    }))
      assert.equal(timeZoneCalled(alias), zone, alias);
    for (const none of ['', 'Europe', '+02:00', 'Mars/Olympus', '../etc/passwd', 'Europe/Berlin/'])
      assert.equal(timeZoneCalled(none), null, none);
  });
});
