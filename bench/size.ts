import { alternately, measured } from './load.js';
import { cookiesOf } from './people.js';
import type { Place } from './place.js';
import { gatehouse, PASSWORD, startPortal, type Program } from './programs.js';

const FEW = { users: '100', events: '1000' };
const MANY = { users: '100000', events: '1000000' };

const PAGES = {
  'users, the first page': '/admin/users',
  'users, found by name': '/admin/users?q=milan',
  'users, by last sign-in': '/admin/users?sort=-lastSignedInAt',
  'security log, the first page': '/admin/security-log',
  'security log, failed sign-ins': '/admin/security-log?event=sign-in.failed',
};

/** The lists of a small organisation and of a large one, side by side. Making the large one takes minutes. */
export async function measureLists(
  newPlace: (name: string) => Promise<Place>,
  seconds: number,
  rounds: number,
  report: (what: string, figure: string) => void,
): Promise<void> {
  const [few, many] = [
    await organisation(await newPlace('few'), FEW),
    await organisation(await newPlace('many'), MANY),
  ];
  try {
    for (const [what, path] of Object.entries(PAGES)) {
      const rate = async ({ program, cookies }: Organisation): Promise<number> =>
        (await measured(program, path, [cookies], seconds)).rate;
      const found = await alternately({ few: () => rate(few), many: () => rate(many) }, Math.min(rounds, 3));
      report(what, `${found.few} a second among few, ${found.many} among many: ${(found.many / found.few).toFixed(2)}`);
    }
  } finally {
    await Promise.all([few.program.stop(), many.program.stop()]);
  }
}

interface Organisation {
  program: Program;
  cookies: Record<string, string>;
}

async function organisation(place: Place, { users, events }: typeof FEW): Promise<Organisation> {
  gatehouse(place, 'demo', '--password', PASSWORD, '--users', users, '--events', events);
  const program = await startPortal(place);
  return { program, cookies: await cookiesOf(program.url, 'acme', 'olivia') };
}
