import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { noticeExpiries } from '#server/jobs/expiry-notices.js';
import { DAY } from '#server/lib/clock.js';
import { makeToken, TOKENS, verdictOn } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';

/** Made at; months; the end, to the millisecond. */
const EDGES: readonly (readonly [string, string, string, string])[] = [
  ['in a February of 28 days', '2031-01-31T12:00:00.000Z', '1', '2031-02-28T12:00:00.000Z'],
  ['in a leap year’s February', '2032-01-31T12:00:00.000Z', '1', '2032-02-29T12:00:00.000Z'],
  ['six months after a 31st', '2031-08-31T12:00:00.000Z', '6', '2032-02-29T12:00:00.000Z'],
  ['a year after 29 February', '2032-02-29T12:00:00.000Z', '12', '2033-02-28T12:00:00.000Z'],
  ['over the turn of the year', '2031-12-31T23:59:00.000Z', '2', '2032-02-29T23:59:00.000Z'],
  ['over the begin of summer time', '2031-03-15T01:30:00.000Z', '1', '2031-04-15T01:30:00.000Z'],
  ['over the end of summer time', '2031-10-15T00:30:00.000Z', '1', '2031-11-15T00:30:00.000Z'],
  // At half past two in Berlin, which there is not on 30 March, and twice on 26 October.
  ['in the hour that is left out', '2031-01-30T01:30:00.000Z', '2', '2031-03-30T01:30:00.000Z'],
  ['in the hour that there is twice', '2031-09-26T00:30:00.000Z', '1', '2031-10-26T00:30:00.000Z'],
];

describe('The months of an API token', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const moveTo = (time: string, ms = 0): void => portal.clock.move(Date.parse(time) + ms - portal.clock.now());

  for (const [where, made, months, ends] of EDGES) {
    it(`end ${where}: the list of validities says so, and the token keeps to it`, async () => {
      moveTo(made);
      const uma = await portal.signedIn('acme/uma');
      await uma.submit('/profile', '/profile', { timeZone: 'Europe/Berlin' });
      const form = await uma.open(`${TOKENS}/new`);
      const option = form.document.querySelector(`select[name=months] option[value="${months}"]`)?.text ?? '';
      const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'Europe/Berlin' } as const;
      const until = new Intl.DateTimeFormat('en-GB', day).format(Date.parse(ends));
      assert.ok(option.endsWith(`, to ${until}`), option);

      const { id, secret } = await makeToken(uma, { months });
      const { createdAt, expiresAt } = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
      // Milliseconds have gone by since the clock was set.
      const late = createdAt - Date.parse(made);
      assert.ok(late >= 0 && late < 10_000, `${late} ms`);
      assert.equal(new Date((expiresAt ?? 0) - late).toISOString(), ends);
      moveTo(ends, late - 5000);
      assert.equal(await verdictOn(portal, secret), '200');
      moveTo(ends, late);
      assert.equal(await verdictOn(portal, secret), '401 token_expired');
    });
  }

  it('count down in days of 24 hours: the mails come 14, 3 and 0 days before, over a change of the clock too', async () => {
    moveTo('2031-02-28T12:00:00.000Z');
    const uma = await portal.signedIn('acme/uma');
    const { id } = await makeToken(uma, { months: '1' });
    const { expiresAt } = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
    const told = async (days: number, ms: number): Promise<number> => {
      portal.clock.move((expiresAt ?? 0) - days * DAY + ms - portal.clock.now());
      return noticeExpiries(portal.services);
    };
    for (const days of [14, 3, 0]) {
      assert.equal(await told(days, -5000), 0, `before ${days}`);
      assert.equal(await told(days, 0), 1, String(days));
    }
  });
});
