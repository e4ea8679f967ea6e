import { Visitor } from '../test/support/visitor.js';
import { PASSWORD } from './programs.js';

/** The cookies of somebody who has signed in, as a header. */
export async function cookiesOf(url: string, organization: string, username: string): Promise<Record<string, string>> {
  const visitor = new Visitor(url);
  const { status } = await visitor.submit('/login', { organization, username, password: PASSWORD });
  if (status !== 303) throw new Error(`${organization}/${username} could not sign in: ${status}`);
  return { cookie: visitor.cookieHeader() };
}

/** The API keys of several people, as headers: one alone would soon have called as often as it may. */
export async function apiKeysOf(url: string, usernames: readonly string[]): Promise<Record<string, string>[]> {
  const headers: Record<string, string>[] = [];
  for (const [at, username] of usernames.entries()) {
    const visitor = new Visitor(url, undefined, `10.9.${at >> 8}.${at & 255}`);
    await visitor.submit('/login', { organization: 'acme', username, password: PASSWORD });
    const { text } = await visitor.submit('/security/api-key', {});
    const [key] = /ghk_\w{62,}/.exec(text) ?? [];
    if (key === undefined) throw new Error(`${username} got no API key.`);
    headers.push({ authorization: `Bearer ${key}` });
  }
  return headers;
}

/** What a sign-in form needs beside what is typed: one visitor's cookie and token are good for any number of them. */
export async function signInForm(url: string): Promise<(username: string) => Promise<Response>> {
  const visitor = new Visitor(url);
  const { csrf } = await visitor.get('/login');
  const cookie = visitor.cookieHeader();
  let sent = 0;
  return (username) => {
    sent += 1;
    // Each from another address: they are people, and not one who guesses.
    const address = `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`;
    return fetch(`${url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address },
      body: new URLSearchParams({ organization: 'acme', username, password: PASSWORD, _csrf: csrf }),
    });
  };
}

/** Does `work` over and over, `together` at a time, for so many seconds; gives how often a second. */
export async function rateOf(work: () => Promise<unknown>, together: number, seconds: number): Promise<number> {
  const began = performance.now();
  const until = began + seconds * 1000;
  let done = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  return Math.round((done / (performance.now() - began)) * 10_000) / 10;
}
