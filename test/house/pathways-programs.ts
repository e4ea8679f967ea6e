import { ApiCredential } from '#models/api-credential.js';
import { SetupCode } from '#models/setup-code.js';
import { SshKey } from '#models/ssh-key.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { gatehouse } from '../support/commands.js';
import { basic, call } from '../support/credentials.js';
import { printedSetupLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

import { freshSshKey, generateFor, programOf, tokenFor } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { NEW_PASSWORD, done, somebody, type Approach, type Door } from './pathway-doors.js';

/** The ways in of programs, of servers, and of whoever has the machine. */
export const PROGRAMS: Readonly<Record<string, Approach>> = {
  'HTTP Basic, sign-in password': async (portal, who) => {
    await somebody(portal, who);
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    return {
      knock: () => answers(portal, '/me', basic(who, PASSWORD)),
      spoil: {
        async 'lock of passwords'() {
          for (let tries = 0; tries < 5; tries += 1) await call(portal, '/me', basic(who, `${PASSWORD}x`));
        },
      },
    };
  },

  'HTTP Basic, API password': async (portal, who) => {
    await somebody(portal, who);
    const secret = await generateFor(portal, who, 'password');
    return {
      knock: () => answers(portal, '/me', basic(who, secret)),
      spoil: { end: () => portal.clock.move(400 * DAY) },
    };
  },

  'API token': async (portal, who) => {
    const { id } = await somebody(portal, who);
    return bearerDoor(portal, '/me', (await tokenFor(portal, who)).secret, tokenSpoils(portal, id));
  },

  'API key': async (portal, who) => {
    await somebody(portal, who);
    const secret = await generateFor(portal, who, 'key');
    return bearerDoor(portal, '/me', secret, { end: () => portal.clock.move(400 * DAY) });
  },

  'Forward-auth, by session': async (portal, who) => {
    await somebody(portal, who);
    const browser = await portal.signedIn(who);
    const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      knock: () => answers(portal, '/forward-auth', { Cookie }),
      spoil: { end: () => portal.clock.move(31 * MINUTE) },
    };
  },

  'Forward-auth, by credential': async (portal, who) => {
    const { id } = await somebody(portal, who);
    return bearerDoor(portal, '/forward-auth', (await tokenFor(portal, who)).secret, tokenSpoils(portal, id));
  },

  'Introspected credential': async (portal, who) => {
    const { id } = await somebody(portal, who);
    const { secret } = await tokenFor(portal, who);
    const service = await programOf(portal, 'acme/adam');
    return {
      async knock() {
        const { body } = await service.post('/introspect', new URLSearchParams({ token: secret }).toString());
        return body['active'] === true;
      },
      spoil: {
        ...tokenSpoils(portal, id),
        // Not by time: the credential of the service that asks would run out with it.
        end: () => ApiCredential.update({ expiresAt: portal.clock.now() }, { where: { userId: id } }),
      },
    };
  },

  'SSH key': async (portal, who) => {
    const { id: userId } = await somebody(portal, who);
    const browser = await portal.signedIn(who);
    await browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'laptop', publicKey: freshSshKey() });
    const host = await programOf(portal, 'acme/adam');
    return {
      knock: async () => (await host.get(`/ssh-keys/${who}`)).text.startsWith('ssh-ed25519 '),
      spoil: { end: () => SshKey.update({ expiresAt: portal.clock.now() }, { where: { userId } }) },
    };
  },

  'Command line': async (portal, who) => {
    await somebody(portal, who);
    const { dataDir, databaseUrl } = portal.config;
    const settings = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl ?? '', LOG_LEVEL: 'info' };
    return { knock: async () => (await gatehouse(['user', 'unlock', who], dataDir, settings)).code === 0 };
  },

  'First set-up link': async () => {
    const empty = await startPortal({ demo: false });
    const path = (await printedSetupLink(empty)) ?? '';
    const person = { name: 'Wanda Wayne', username: 'wanda', email: 'wanda@wayne.example' };
    const password = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
    const fields = { organization: 'Wayne Works', slug: 'wayne', ...person, ...password };
    const browser = empty.browser();
    return {
      // A dead link has no form to send.
      knock: () => done(browser.submit(path, path, fields).catch(() => null)),
      forge: () => done(browser.post(path, { ...fields, _csrf: 'x' })),
      spoil: { end: () => SetupCode.update({ usedAt: empty.clock.now() }, { where: {} }) },
      portal: empty,
    };
  },
};

function bearerDoor(portal: Portal, path: string, secret: string, spoil: NonNullable<Door['spoil']>): Door {
  return { knock: () => answers(portal, path, { Authorization: `Bearer ${secret}` }), spoil };
}

async function answers(portal: Portal, path: string, headers: Record<string, string>): Promise<boolean> {
  return (await call(portal, path, headers)).status === 200;
}

function tokenSpoils(portal: Portal, userId: string): NonNullable<Door['spoil']> {
  return {
    'own addresses': () => ApiCredential.update({ allowedIps: '10.0.0.0/8' }, { where: { userId } }),
    end: () => portal.clock.move(400 * DAY),
  };
}
