import assert from 'node:assert/strict';
import { dayBegins } from '#server/lib/days.js';

const iso = (day: string, zone: string, later?: number): string => new Date(dayBegins(day, zone, later)).toISOString();

describe('A day begins when it begins where the reader is', () => {
  it('in UTC and at fixed distances from it', () => {
    assert.equal(iso('2026-11-21', 'UTC'), '2026-11-21T00:00:00.000Z');
    assert.equal(iso('2026-11-21', 'Asia/Kolkata'), '2026-11-20T18:30:00.000Z');
    assert.equal(iso('2026-11-21', 'Asia/Kathmandu'), '2026-11-20T18:15:00.000Z');
    assert.equal(iso('2026-11-21', 'Pacific/Kiritimati'), '2026-11-20T10:00:00.000Z');
    assert.equal(iso('2026-11-21', 'Pacific/Pago_Pago'), '2026-11-21T11:00:00.000Z');
  });

  it('on the days the clocks change, which have 23 and 25 hours', () => {
    assert.equal(iso('2026-03-29', 'Europe/Berlin'), '2026-03-28T23:00:00.000Z');
    assert.equal(iso('2026-03-29', 'Europe/Berlin', 1), '2026-03-29T22:00:00.000Z');
    assert.equal(iso('2026-10-25', 'Europe/Berlin'), '2026-10-24T22:00:00.000Z');
    assert.equal(iso('2026-10-25', 'Europe/Berlin', 1), '2026-10-25T23:00:00.000Z');
  });

  it('where the clocks change at midnight: when there is no midnight, and when there are two', () => {
    assert.equal(iso('2018-11-04', 'America/Sao_Paulo'), '2018-11-04T03:00:00.000Z', 'it begins at one o’clock');
    assert.equal(iso('2026-11-01', 'America/Havana'), '2026-11-01T04:00:00.000Z', 'the first midnight of two');
  });

  it('and a day that no calendar has never begins', () => {
    for (const day of ['2026-02-29', '2026-13-01', '2026-00-10', '0000-00-00', 'nonsense'])
      assert.ok(Number.isNaN(dayBegins(day, 'UTC')), day);
    assert.equal(iso('2028-02-29', 'UTC', 1), '2028-03-01T00:00:00.000Z');
  });
});
