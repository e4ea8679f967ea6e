import { counted } from '#policies/counted.js';
import type { Services } from '#server/context.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import type { Finding } from './finding.js';

// Of each log its newest row, by the index: of a million rows the newest is not looked for.
const NEWEST = `SELECT MAX(newest) AS at FROM (
  SELECT (SELECT MAX(at) FROM security_events e WHERE e.tenant_id = h.tenant_id) AS newest FROM security_log_heads h
) AS newest_of_each`;
const SERVER_TIME = 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS at';

/** Whether the clock can be right: sign-in codes and expiry stand on it. */
export async function checkClock({ database, clock }: Services): Promise<Finding> {
  const about = 'clock';
  const [newest] = await database.read(NEWEST, []);
  const behind = Number(newest?.['at'] ?? 0) - clock.now();
  if (behind > MINUTE)
    return {
      about,
      state: 'fail',
      text: `The clock is ${counted(Math.ceil(behind / MINUTE), 'minute')} behind the newest row of the security log. Set it right: sign-in codes and expiry stand on it.`,
    };
  if (database.dialect === 'postgres') {
    const [row] = await database.read(SERVER_TIME, []);
    const apart = Math.abs(Number(row?.['at']) - clock.now());
    if (apart > 5 * SECOND)
      return {
        about,
        state: 'fail',
        text: `This machine and the database differ by ${counted(Math.round(apart / SECOND), 'second')}. Set both by NTP.`,
      };
  }
  const [ahead] = await database.read('SELECT COUNT(*) AS people FROM totp_secrets WHERE last_step > $1', [
    Math.ceil((clock.now() + MINUTE) / (30 * SECOND)),
  ]);
  const people = Number(ahead?.['people']);
  if (people > 0)
    return {
      about,
      state: 'warn',
      text: `The clock was ahead: ${people === 1 ? 'one person' : `${people} people`} used a code of a time to come, and until then no code of theirs is taken. Recovery codes are; or reset their two-factor authentication.`,
    };
  return { about, state: 'ok', text: new Date(clock.now()).toISOString() };
}
