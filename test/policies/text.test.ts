import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timeZoneCalled, TIME_ZONES } from '#policies/locales.js';
import {
  canonicalEmail,
  canonicalUsername,
  emailProblem,
  lookalikeProblem,
  slugProblem,
  textProblem,
  soughtName,
  soughtUser,
  tidyEmail,
  usernameProblem,
} from '#policies/names.js';
import { bareOf, fold, heapsMarks, hides, plainLetters, tidy, tidyLine } from '#policies/text.js';
import { sixDigitsIn } from '#server/lib/typed-code.js';
import { sources } from '../house/sources.js';
import { HIDDEN, SPACES } from '../support/characters.js';
import { processorTime } from '../support/processor.js';

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
    for (const form of [
      tidy,
      tidyLine,
      fold,
      plainLetters,
      canonicalUsername,
      canonicalEmail,
      tidyEmail,
      soughtName,
      sixDigitsIn,
    ]) {
      fc.assert(
        fc.property(anything, (text) => {
          assert.equal(form(form(text)), form(text));
        }),
      );
    }
    for (const one of everyCharacter())
      for (const form of [tidy, tidyLine, fold, plainLetters, sixDigitsIn])
        if (form(form(one)) !== form(one)) assert.fail(`${form.name} of ${one.codePointAt(0)?.toString(16)}`);
  });

  it('Costs no more where thousands of marks stand on one letter: the engine puts them in order in the square of that', () => {
    const forms = [tidy, tidyLine, fold, plainLetters, heapsMarks, bareOf, textProblem, usernameProblem, emailProblem];
    const others = [canonicalUsername, canonicalEmail, lookalikeProblem, tidyEmail, soughtName, sixDigitsIn];
    // Hidden ones between them are taken out, and the two sound marks of half width become marks by NFKC.
    for (const marks of ['\u0334\u0301', '\u0f71\u0f72', '\u0301\u200d\u0334', '\u0301\uff9e']) {
      const heap = `a${marks.repeat(20_000 / marks.length)}`;
      const took = processorTime(() => [...forms, ...others].forEach((form) => form(heap)));
      assert.ok(took < 1000, `${JSON.stringify(marks)}: ${took} ms`);
      if (!marks.includes('\uff9e')) assert.match(textProblem(tidy(heap)) ?? '', /so many marks/);
    }
    // Whoever is given a text at its full length does not ask the engine; what is folded already is no such.
    const bounded =
      /^(policies\/(text|look-alikes|password|password-names)|server\/(identity\/password|lib\/(typed-code|password-\w+)))\.ts$/;
    const asking = sources(['policies', 'models', 'server'], '.ts').filter(({ text }) => text.includes('.normalize('));
    assert.deepEqual(
      asking.map(({ path }) => path).filter((path) => !bounded.test(path)),
      [],
    );
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

  it('Is no name where nobody sees anything of it, and none that covers the lines around it', () => {
    for (const one of everyCharacter()) {
      const line = tidyLine(`${one}${one}`);
      const seen =
        /(?![\u{1d159}\ufffc])[\p{L}\p{N}\p{P}\p{S}]|[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/u.test(one) && !HIDDEN.includes(one);
      if (line !== '' && !seen) assert.fail(`${one.codePointAt(0)?.toString(16)} is seen by nobody.`);
      if (tidyLine(`a${one}`) === '') assert.fail(one.codePointAt(0)?.toString(16));
    }
    for (const none of ['\u0301', '\u0301 \u0302', '\u0e31', '\u20e3', '\u{1d159}', '\ufffc', '\ue000\uf8ff'])
      assert.equal(tidyLine(none), '', none.codePointAt(0)?.toString(16));
    assert.equal(tidyLine('\u0301\u0302 \u0301Anna'), 'Anna');
    for (const name of ['Z\u0301\u0302\u0303', 'Nguyễn', 'שָׁלוֹם', 'ཧཱུྃ', 'กี่', '👩🏽‍💻', '1️⃣', '!', '?', '℻'])
      assert.deepEqual([tidyLine(name), textProblem(name)], [name.normalize('NFC'), null], name);
    for (const heap of [`Z${'\u0301'.repeat(7)}`, `a${'\u0336\u035c'.repeat(20)}`, `Anna e${'\u20dd'.repeat(9)}`])
      for (const lines of ['one', 'many'] as const) assert.match(textProblem(heap, lines) ?? '', /so many marks/);
    for (const none of ['a\ufdd0', 'a\ufffe', 'a\u{10ffff}']) assert.match(textProblem(none) ?? '', /no character/);
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
      ʀoot: 'root',
      ɑdɑm: 'adam',
      'umɑ.b': 'uma.b',
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
    for (const dotted of ['uma.', 'uma..', 'uma\u2024', 'u.', 'uma．'])
      assert.match(lookalikeProblem(dotted) ?? '', /end with a dot/, dotted);
    for (const number of ['0', '1000', '4711', '\uff11\uff10', '\u0663\u0664', '\u2460', '\u00b2'])
      assert.match(lookalikeProblem(number) ?? '', /number of an account/, number);
    for (const lettered of ['4711a', 'u1000', '2026-intern']) assert.equal(lookalikeProblem(lettered), null, lettered);
    for (const inside of ['u.ma', 'u..ma', 'uma-', 'uma_', '1.0']) assert.equal(lookalikeProblem(inside), null, inside);
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
    // Joiners that belong to the spelling, ß and its like, a picture for a name, capitals of an ACE.
    for (const [typed, ascii] of [
      ['i@ශ්‍රී.example', 'xn--10cl1a0b660p.example'],
      ['i@نامه‌ای.example', 'xn--mgba3gch31f060k.example'],
      ['i@STRAßE.example', 'xn--strae-oqa.example'],
      ['i@XN--STRAE-OQA.example', 'xn--strae-oqa.example'],
      ['i@strasse.example.', 'strasse.example'],
      ['i@☃.example', 'xn--n3h.example'],
      ['i@\u200bac\u200dme.example', 'acme.example'],
      ['i@ＡＣＭＥ．example', 'acme.example'],
    ] as const) {
      assert.deepEqual([tidyEmail(typed), emailProblem(typed)], [`i@${ascii}`, null], typed);
      assert.equal(canonicalEmail(typed), canonicalEmail(`I@${ascii}`), typed);
    }
    for (const none of [
      'i@xn--a.example',
      'i@xn--.example',
      'i@xn--0.example',
      'i@xn--abc-.example',
      'i@XN--ZZZZZZ.example',
      'i@mail.xn--a-ecp.ru',
      'i@-acme.example',
      'i@acme-.example',
      `i@${'a'.repeat(64)}.example`,
      `i@${'a.'.repeat(125)}example`,
      'i@[192.0.2.1]',
      'i@192.0.2.1',
      'i@①.②.③.④',
      'i@[IPv6:2001:db8::1]',
      'i@0x7f.1',
      'Iris <i@acme.example>',
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
      'US/Pacific-New': 'America/Los_Angeles',
      'America/Fort_Wayne': 'America/Indiana/Indianapolis',
      'America/Rosario': 'America/Argentina/Cordoba',
      'America/Louisville': 'America/Kentucky/Louisville',
      'etc/gmt+5': 'Etc/GMT+5',
    }))
      assert.equal(timeZoneCalled(alias), zone, alias);
    for (const none of [
      '',
      'Europe',
      '+02:00',
      'Mars/Olympus',
      '../etc/passwd',
      'Europe/Berlin/',
      'UTC+1',
      'CEST',
      'Factory',
      'posix/UTC',
    ])
      assert.equal(timeZoneCalled(none), null, none);
  });
});
