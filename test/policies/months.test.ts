import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addMonths } from '#policies/months.js';

const at = (text: string): number => Date.parse(text);
const after = (from: string, months: number): string => new Date(addMonths(at(from), months)).toISOString();

describe('A month of validity', () => {
  it('ends on the same day of the month, at the same time', () => {
    assert.equal(after('2026-03-15T14:05:06.789Z', 1), '2026-04-15T14:05:06.789Z');
    assert.equal(after('2026-11-21T00:00:00.000Z', 3), '2027-02-21T00:00:00.000Z');
    assert.equal(after('2026-12-31T23:59:59.999Z', 12), '2027-12-31T23:59:59.999Z');
  });

  it('ends on the last day of a month that has no such day', () => {
    assert.equal(after('2027-01-31T12:00:00.000Z', 1), '2027-02-28T12:00:00.000Z');
    assert.equal(after('2028-01-31T12:00:00.000Z', 1), '2028-02-29T12:00:00.000Z');
    assert.equal(after('2027-01-29T12:00:00.000Z', 1), '2027-02-28T12:00:00.000Z');
    assert.equal(after('2028-01-29T12:00:00.000Z', 1), '2028-02-29T12:00:00.000Z');
    assert.equal(after('2027-03-31T12:00:00.000Z', 1), '2027-04-30T12:00:00.000Z');
    assert.equal(after('2027-08-31T12:00:00.000Z', 6), '2028-02-29T12:00:00.000Z');
    assert.equal(after('2026-10-31T12:00:00.000Z', 4), '2027-02-28T12:00:00.000Z');
  });

  it('and twelve end a year later, on 29 February a day earlier', () => {
    assert.equal(after('2028-02-29T12:00:00.000Z', 12), '2029-02-28T12:00:00.000Z');
    assert.equal(after('2027-02-28T12:00:00.000Z', 12), '2028-02-28T12:00:00.000Z');
  });

  it('knows that 2000 was a leap year, and 2100 will be none', () => {
    assert.equal(after('2000-01-31T00:00:00.000Z', 1), '2000-02-29T00:00:00.000Z');
    assert.equal(after('2100-01-31T00:00:00.000Z', 1), '2100-02-28T00:00:00.000Z');
  });

  it('takes no notice of summer time, in whatever zone the server is', () => {
    assert.equal(after('2026-03-01T01:30:00.000Z', 1), '2026-04-01T01:30:00.000Z');
    assert.equal(after('2026-10-01T01:30:00.000Z', 1), '2026-11-01T01:30:00.000Z');
  });

  it('lasts from 28 to 31 days, however many there are, and more months never end earlier', () => {
    const day = 86_400_000;
    const times = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2120-01-01T00:00:00Z') });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 12 }), (from, months) => {
        const length = (addMonths(from, months) - from) / day;
        assert.ok(length >= 28 * months && length <= 31 * months, `${months} months are ${length} days`);
        assert.ok(addMonths(from, months) > (months === 1 ? from : addMonths(from, months - 1)));
        assert.equal(new Date(addMonths(from, months)).getUTCMonth(), (new Date(from).getUTCMonth() + months) % 12);
      }),
    );
  });
});
