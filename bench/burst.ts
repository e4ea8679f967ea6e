import { Visitor } from '../test/support/visitor.js';
import { signInForm } from './people.js';
import { PASSWORD } from './programs.js';

export interface Burst {
  statuses: Record<number, number>;
  slowestMs: number;
}

/** Sends all at once; gives what was answered, and how long the slowest took. */
export async function burst(requests: readonly (() => Promise<{ status: number }>)[]): Promise<Burst> {
  const statuses: Record<number, number> = {};
  let slowestMs = 0;
  await Promise.all(
    requests.map(async (send) => {
      const began = performance.now();
      const { status } = await send();
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - began));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }),
  );
  return { statuses, slowestMs };
}

export async function signInBurst(url: string, usernames: readonly string[]): Promise<Burst> {
  const signIn = await signInForm(url);
  return burst(usernames.map((username) => () => signIn(username)));
}

/** Each signs in first, one after another, and then all change their profile at once. */
export async function profileBurst(url: string, usernames: readonly string[]): Promise<Burst> {
  const writes: (() => Promise<{ status: number }>)[] = [];
  for (const [at, username] of usernames.entries()) {
    const visitor = new Visitor(url, undefined, `10.99.0.${at}`);
    await visitor.submit('/login', { organization: 'acme', username, password: PASSWORD });
    const { csrf } = await visitor.get('/profile');
    const email = `${username}@acme.example`;
    writes.push(() =>
      visitor.post('/profile', {
        name: `Name ${at}`,
        email,
        locale: 'en',
        timeZone: 'UTC',
        theme: 'auto',
        _csrf: csrf,
      }),
    );
  }
  return burst(writes);
}
