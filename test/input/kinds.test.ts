import assert from 'node:assert/strict';
import { Invalid } from '#server/errors.js';
import { addresses } from '#server/input/addresses.js';
import { box, checkbox, choice, filter, several } from '#server/input/choices.js';
import { id, ids } from '#server/input/ids.js';
import { asBody, asChanges, asForm, nothing, otherwise, type Kind } from '#server/input/kind.js';
import { email, locale, slug, timeZone, username } from '#server/input/names.js';
import { whole } from '#server/input/numbers.js';
import { readForm, readJson } from '#server/input/read.js';
import { line, lines, optionalLine } from '#server/input/text.js';

const ID = '0198c0de-0000-7000-8000-000000000000';

interface Trial {
  kind: Kind;
  /** As a form sends it, as JSON has it, and what both mean. */
  good: readonly (readonly [unknown, unknown, unknown])[];
  /** What neither takes, in the spelling of each. */
  bad: readonly (readonly [unknown, unknown])[];
}

const TRIALS: Readonly<Record<string, Trial>> = {
  line: {
    kind: line('Missing.', 5),
    good: [[' Uma ', ' Uma ', 'Uma']],
    bad: both('', '\u200b', '\u0301', '\ue000', 'a\0', 'abcdef', ['a']),
  },
  optionalLine: { kind: optionalLine(5), good: [['', '', '']], bad: both('a\nb', 'abcdef', 7) },
  lines: { kind: lines(9), good: [['a\r\nb', 'a\nb', 'a\nb']], bad: both('a\u202eb', 'abcdefghij', null) },
  username: { kind: username(), good: [[' uma ', ' uma ', 'uma']], bad: both('', 'u:ma', 'u@ma', 'a\0b') },
  email: {
    kind: email(),
    good: [['uma@ACME.example', 'uma@ACME.example', 'uma@acme.example']],
    bad: both('', 'uma', 'a@b@c', 7),
  },
  slug: { kind: slug(), good: [['acme', 'acme', 'acme']], bad: both('Acme!', '-', 'x'.repeat(64)) },
  locale: { kind: locale(), good: [['en', 'en', 'en']], bad: both('', 'xx', ['en']) },
  timeZone: {
    kind: timeZone(),
    good: [['Europe/Berlin', 'Europe/Berlin', 'Europe/Berlin']],
    bad: both('', 'Nowhere/Else', 7),
  },
  checkbox: {
    kind: checkbox(),
    good: [
      ['on', true, true],
      ['', false, false],
      [undefined, undefined, false],
    ],
    bad: [
      ['yes', 'on'],
      [['on'], 1],
    ],
  },
  box: { kind: box(), good: [['0', false, false]], bad: [[undefined, undefined]] },
  choice: { kind: choice(['a', 'b']), good: [['a', 'a', 'a']], bad: both('c', '', undefined, ['a']) },
  filter: {
    kind: filter(),
    good: [
      ['yes', 'true', 'yes'],
      [undefined, undefined, undefined],
    ],
    bad: both('no', '', true),
  },
  several: { kind: several(['a', 'b']), good: [['a', ['a'], ['a']]], bad: both({ a: 1 }, Array(101).fill('a')) },
  whole: {
    kind: whole(1, 10),
    good: [[' 07 ', 7, 7]],
    bad: [
      ['0', 0],
      ['11', 11],
      ['1.5', 1.5],
      [7, '7'],
    ],
  },
  id: { kind: id('Choose one.'), good: [[ID, ID.toUpperCase(), ID]], bad: both('', 'x', `${ID}0`, [ID]) },
  ids: {
    kind: ids('Choose.'),
    good: [[ID, [ID], [ID]]],
    bad: both('x', ['x'], Array(201).fill(ID), { a: ID }),
  },
  addresses: {
    kind: addresses(),
    good: [['192.0.2.1\n10.0.0.0/8', ['192.0.2.1', '10.0.0.0/8'], '192.0.2.1\n10.0.0.0/8']],
    bad: [
      ['nowhere', ['nowhere']],
      [['192.0.2.1'], '192.0.2.1'],
    ],
  },
};

describe('A kind of field means the same by a form and in JSON', () => {
  for (const [name, { kind, good, bad }] of Object.entries(TRIALS)) {
    it(name, () => {
      for (const [typed, sent, meant] of good) {
        assert.deepEqual(kind.form.parse(typed), meant);
        assert.deepEqual(kind.json.parse(sent), meant);
      }
      for (const [typed, sent] of bad) {
        assert.ok(!kind.form.safeParse(typed).success, `The form took ${JSON.stringify(typed)}.`);
        assert.ok(!kind.json.safeParse(sent).success, `JSON took ${JSON.stringify(sent)}.`);
      }
    });
  }

  it('And what is not sent is the same by both, but in a change, where it stays as it is', () => {
    const input = { note: otherwise(lines(50), 'none'), marked: checkbox() };
    assert.deepEqual(readForm(asForm(input), {}), { note: 'none', marked: false });
    assert.deepEqual(readJson(asBody(input), {}), { note: 'none', marked: false });
    assert.deepEqual(readJson(asChanges(input), {}), {});
    assert.throws(() => readJson(asChanges(input), { marked: undefined }), Invalid);
  });

  it('A field that is not there is named where a program asks, and refused as a whole where a page does', () => {
    const fieldsOf = (work: () => unknown): string[] => {
      try {
        work();
      } catch (error) {
        assert.ok(error instanceof Invalid);
        return error.errors.map(({ field }) => field);
      }
      return [];
    };
    const given = { marked: true, admin: true, tenantId: 'x' };
    assert.deepEqual(
      fieldsOf(() => readJson(asBody({ marked: checkbox() }), given)),
      ['admin', 'tenantId'],
    );
    assert.deepEqual(
      fieldsOf(() => readForm(nothing, { admin: 'on' })),
      [''],
    );
    assert.deepEqual(
      fieldsOf(() => readForm(nothing, undefined)),
      [],
    );
  });
});

function both(...values: unknown[]): [unknown, unknown][] {
  return values.map((value) => [value, value]);
}
