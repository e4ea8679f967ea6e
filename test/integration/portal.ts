import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { freePort, startServer, type RunningServer } from '../support/process.js';
import { Visitor } from '../support/visitor.js';

/** A portal as it is served, with the cast in it, that the world reaches under the address of a proxy. */
export interface ServedPortal {
  here: Installation;
  server: RunningServer;
  /** Where the portal itself listens. */
  port: number;
  /** Where the proxy is to listen, and what the portal believes its address to be. */
  proxyPort: number;
  address: string;
  /** Somebody of the cast at a browser, signed in by way of this address. */
  signIn(username: string, url?: string): Promise<Visitor>;
  close(): Promise<void>;
}

export async function servePortal(scheme = 'http', more: Record<string, string> = {}): Promise<ServedPortal> {
  const here = await emptyInstallation();
  await here.done('migrate');
  await here.done('demo', '--password', PASSWORD, '--json');
  const proxyPort = await freePort();
  const address = `${scheme}://localhost:${proxyPort}`;
  const settings = { ...here.settings, BASE_URL: address, TRUST_PROXY: '1', ...more };
  const server = await startServer(here.folder, settings);
  return {
    here,
    server,
    port: Number(new URL(server.url).port),
    proxyPort,
    address,
    async signIn(username, url = server.url) {
      const visitor = new Visitor(url);
      const answer = await visitor.submit('/login', { organization: 'acme', username, password: PASSWORD });
      if (answer.status !== 303) throw new Error(`${username} could not sign in: ${answer.status}`);
      return visitor;
    },
    async close() {
      await server.stop();
      here.remove();
    },
  };
}

/** Makes an API token on the Security page, with this scope alone or all of its role; gives its secret and the path of its page. */
export async function makeToken(visitor: Visitor, scope = ''): Promise<{ secret: string; page: string }> {
  const form = await visitor.get('/security/tokens/new');
  const roleId = /<option value="([0-9a-f-]{36})"/.exec(form.text)?.[1] ?? '';
  const scopes = scope === '' ? {} : { scopes: scope };
  const fields = { _csrf: form.csrf, name: 'For a program', months: '1', roleId, ...scopes };
  const { text } = await visitor.post('/security/tokens', fields);
  const secret = /data-secret="token">([^<]+)</.exec(text)?.[1] ?? '';
  if (secret === '') throw new Error('No token was made.');
  const list = await visitor.get('/security/tokens');
  return { secret, page: /href="(\/security\/tokens\/[0-9a-f-]{36})"/.exec(list.text)?.[1] ?? '' };
}
