import assert from 'node:assert/strict';
import { Invalid } from '#server/errors.js';
import { checkbox, choice } from '#server/input/choices.js';
import { ids } from '#server/input/ids.js';
import { asForm, asQuery, optional } from '#server/input/kind.js';
import { email, username } from '#server/input/names.js';
import { whole } from '#server/input/numbers.js';
import { line, lines, onward, optionalLine, secret } from '#server/input/text.js';
import { readForm, readQuery } from '#server/input/read.js';
import { typedValues, type Form } from '#server/http/form.js';

function problemsOf(form: Form<unknown>, given: unknown): string[] {
  try {
    readForm(form, given);
    return [];
  } catch (error) {
    assert.ok(error instanceof Invalid);
    return error.errors.map(({ field }) => field);
  }
}

const EVERYTHING = asForm({
  line: line('Missing.', 100),
  optional: optionalLine(100),
  many: lines(500),
  secret: secret('Missing.'),
  username: username(),
  email: email(),
  box: checkbox(),
  choice: choice(['a', 'b']),
  whole: whole(1, 10),
  ids: ids('Choose.'),
});

const GOOD = { line: 'x', secret: 's', username: 'uma', email: 'uma@acme.example', choice: 'a', whole: '3' };

describe('What a form reads', () => {
  it('Every kind of field takes one text, and neither a list nor an object', () => {
    assert.deepEqual(problemsOf(EVERYTHING, GOOD), []);
    for (const name of ['line', 'optional', 'many', 'secret', 'username', 'email', 'box', 'choice', 'whole']) {
      for (const value of [['a', 'b'], ['a'], { $ne: null }, { toString: 'a' }, 7, true, null]) {
        assert.deepEqual(
          problemsOf(EVERYTHING, { ...GOOD, [name]: value }),
          [name],
          `${name} took ${JSON.stringify(value)}`,
        );
      }
    }
    for (const value of ['x', ['x'], { a: 1 }, '%', Array(201).fill('0198c0de-0000-7000-8000-000000000000')])
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, ids: value }), ['ids']);
  });

  it('A name that the form does not have is refused, its own or inherited by accident', () => {
    for (const name of ['unexpected', 'line[]', 'line[a]', 'constructor', 'toString', 'hasOwnProperty', 'tenantId'])
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, [name]: '1' }), [''], name);
  });

  it('A prototype that came with the body reaches nobody', () => {
    const given: unknown = JSON.parse(`{"__proto__":{"admin":true,"line":"polluted"},${JSON.stringify(GOOD).slice(1)}`);
    assert.deepEqual(problemsOf(EVERYTHING, given), ['']);
    assert.ok(problemsOf(EVERYTHING, JSON.parse('{"__proto__":{"line":"x"}}')).includes('line'));
    assert.equal(({} as Record<string, unknown>)['admin'], undefined);
  });

  it('Characters that cannot be seen are refused in every line of text', () => {
    for (const bad of [
      'a\0',
      'a\u0007',
      'a\u001b[31m',
      'a\nb',
      'a\u2028b',
      'a\ud800',
      '\udc00a',
      'a\u202eb',
      'a\u2066b',
      'a\u200fb',
      'a\u0085b',
    ]) {
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, line: bad }), ['line'], JSON.stringify(bad));
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, optional: bad }), ['optional'], JSON.stringify(bad));
      if (!bad.includes('\n'))
        assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, many: bad }), ['many'], JSON.stringify(bad));
    }
  });

  it('Too much is refused, counted before anything else looks at it', () => {
    const much = { line: 101, optional: 101, many: 501, secret: 5000, username: 300, email: 255, whole: 10 };
    for (const [name, length] of Object.entries(much))
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, [name]: '1'.repeat(length) }), [name]);
    assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, email: `${'ﷺ'.repeat(60)}@acme.example` }), ['email']);
  });

  it('A number is a number, and nothing that JavaScript would make one of', () => {
    for (const bad of ['0', '11', '-1', '1.5', '1e1', '0x1', '٣', '', 'NaN', 'Infinity', '9'.repeat(30)])
      assert.deepEqual(problemsOf(EVERYTHING, { ...GOOD, whole: bad }), ['whole'], bad);
    assert.equal(readForm(whole(1, 10).form, ' 07 '), 7);
  });

  it('Where to go on is lost, and nothing else, when it is no text', () => {
    for (const next of [['/a', '/b'], 'x'.repeat(3000), undefined, { a: 1 }])
      assert.equal(readForm(onward().form, next), '');
  });

  it('A query with a mistake counts as none', () => {
    const query = asQuery({ page: optional(whole(1, 99)), q: optionalLine(10) });
    assert.deepEqual(readQuery(query, { page: ['1', '2'], q: 'x'.repeat(11), unknown: '1' }), {
      page: undefined,
      q: '',
    });
    assert.deepEqual(readQuery(query, { page: '7', q: 'uma' }), { page: 7, q: 'uma' });
  });

  it('No secret comes back with what was typed', () => {
    const body = {
      username: 'uma',
      password: 'x',
      currentPassword: 'x',
      newPassword: 'x',
      confirmPassword: 'x',
      code: '1',
      recoveryCode: '2',
    };
    assert.deepEqual(typedValues(body), { username: 'uma' });
    assert.deepEqual(typedValues(undefined), {});
  });
});
