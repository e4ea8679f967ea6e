import type { Model, ModelStatic } from 'sequelize';
import { AccessPass } from '#models/access-pass.js';
import { ApiCredential } from '#models/api-credential.js';
import { Challenge } from '#models/challenge.js';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { Session } from '#models/session.js';
import { SshKey } from '#models/ssh-key.js';
import { TotpSecret } from '#models/totp-secret.js';
import { inTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import { keepFactors } from '#server/identity/kept-factors.js';
import { mailUndo } from '#server/identity/undo-link.js';
import type { Authenticator } from '../support/authenticator.js';
import type { Browser, Page } from '../support/browser.js';
import { verdictOn } from '../support/credentials.js';
import { setPasswordWith } from '../support/disavowal.js';
import { contextIn, mailResetLink } from '../support/links.js';
import { enterPass, passFor } from '../support/passes.js';
import { sendPasskey, withPasskey } from '../support/passkeys.js';
import type { Phone } from '../support/phone.js';
import { PASSWORD, type Portal } from '../support/portal.js';
import { freshSshKey, generateFor, programOf, tokenFor, withBasic } from '../support/programs.js';
import { enrol, sendCode, setPolicy } from '../support/second-factor.js';
import { undoLink } from '../support/two-person.js';
import { disavowalPath, isIn, takeLink, userNow } from '../house/pathway-doors.js';

/** Somebody of Acme, and what only they know. */
export interface Person {
  who: string;
  user: User;
  password: string;
  phone?: Phone;
  key?: Authenticator;
  codes?: string[];
}

/** True when what was made lets somebody in, or does what it is for. */
type Knock = () => Promise<boolean>;

/** One thing that lets somebody in, by the door at which it is made. */
interface Thing {
  model: ModelStatic<Model>;
  where?: Readonly<Record<string, unknown>>;
  /** Makes it; gives what tries it, where it opens something by itself. */
  make(portal: Portal, person: Person): Promise<Knock | undefined>;
  /** It is the second factor itself: what becomes of it when that changes is another matter. */
  factor?: boolean;
}

const CODE = '/login/two-factor';
const RECOVERY = '/login/recovery';

/** By the name of its kind in `server/identity/access.ts`. */
export const THINGS: Readonly<Record<string, Thing>> = {
  sessions: {
    model: Session,
    async make(portal, person) {
      const browser = await signedIn(portal, person);
      return () => isIn(browser);
    },
  },

  links: {
    model: Link,
    where: { kind: 'password-reset' },
    async make(portal, { who }) {
      const path = await mailResetLink(portal, who);
      return () => worked(setPasswordWith(portal, path, 'walnut-ferry-crayon-38'));
    },
  },

  'pending-addresses': {
    model: Link,
    where: { kind: 'email-change' },
    async make(portal, person) {
      const email = `${person.user.username}@elsewhere.example`;
      await (await signedIn(portal, person)).submit('/profile', '/profile', { email });
      const path = await portal.inbox.linkTo(email, '/email/confirm/');
      return async () => {
        await takeLink(portal, path);
        return (await userNow(person.who)).email === email;
      };
    },
  },

  'disavowal-links': {
    model: Link,
    where: { kind: 'disavowal' },
    async make(portal, { who }) {
      const path = await disavowalPath(portal, who);
      return async () => (await takeLink(portal, path))?.status === 303;
    },
  },

  'undo-links': {
    model: Link,
    where: { kind: 'undo' },
    async make(portal, { user }) {
      // The mail alone, and nothing taken: who is without their factor comes in by no door that these tests go through.
      const context = await contextIn(portal, 'acme');
      await inTransaction(async () => {
        const keptId = await keepFactors(context, user);
        await mailUndo(context, user, { keptId, by: 'Adam Arslan', reason: 'Lost phone' });
      });
      const path = await undoLink(portal, user.email);
      return async () => (await takeLink(portal, path))?.status === 303;
    },
  },

  challenges: {
    model: Challenge,
    async make(portal, person) {
      await enrolled(portal, person);
      const browser = await halfSignedIn(portal, person);
      return async () => (await worked(sendCode(browser, person.phone!.nextCode()))) && isIn(browser);
    },
  },

  'access-passes': {
    model: AccessPass,
    async make(portal, { who }) {
      const pass = await passFor(portal, who);
      return async () => (await enterPass(portal.browser(), who, pass)).status === 303;
    },
  },

  'known-browsers': {
    model: KnownBrowser,
    async make(portal, person) {
      await signedIn(portal, person);
      return undefined;
    },
  },

  'remembered-browsers': {
    model: RememberedBrowser,
    async make(portal, person) {
      await setPolicy(portal, 'acme', { rememberBrowserDays: 7 });
      await enrolled(portal, person);
      const browser = await halfSignedIn(portal, person);
      await browser.submit(CODE, CODE, { code: person.phone!.nextCode(), remember: 'on' });
      await browser.submit('/security', '/logout');
      return async () => {
        await browser.tryToSignIn(person.who, person.password);
        return isIn(browser);
      };
    },
  },

  'api-tokens': {
    model: ApiCredential,
    where: { kind: 'token' },
    async make(portal, { who }) {
      const { secret } = await tokenFor(portal, who);
      return async () => (await verdictOn(portal, secret)) === '200';
    },
  },

  'api-keys': {
    model: ApiCredential,
    where: { kind: 'key' },
    async make(portal, { who }) {
      const secret = await generateFor(portal, who, 'key');
      return async () => (await verdictOn(portal, secret)) === '200';
    },
  },

  'api-passwords': {
    model: ApiCredential,
    where: { kind: 'password' },
    async make(portal, { who }) {
      const secret = await generateFor(portal, who, 'password');
      return async () => (await withBasic(portal, who, secret).get('/me')).status === 200;
    },
  },

  'totp-secrets': {
    model: TotpSecret,
    factor: true,
    async make(portal, person) {
      await enrolled(portal, person);
      return async () => isIn(await signedIn(portal, person));
    },
  },

  passkeys: {
    model: Passkey,
    factor: true,
    async make(portal, person) {
      const { key } = await withPasskey(portal, person.who);
      person.key = key;
      return async () => {
        const browser = await halfSignedIn(portal, person);
        return (await worked(sendPasskey(browser, key))) && isIn(browser);
      };
    },
  },

  'recovery-codes': {
    model: RecoveryCode,
    factor: true,
    async make(portal, person) {
      await enrolled(portal, person);
      return async () => {
        const browser = await halfSignedIn(portal, person);
        await worked(browser.submit(RECOVERY, RECOVERY, { recoveryCode: person.codes?.[0] ?? '' }));
        return isIn(browser);
      };
    },
  },

  'ssh-keys': {
    model: SshKey,
    async make(portal, person) {
      const browser = await signedIn(portal, person);
      await browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Laptop', publicKey: freshSshKey() });
      const server = await programOf(portal, 'acme/adam');
      return async () => (await server.get(`/ssh-keys/${person.who}`)).text.startsWith('ssh-ed25519 ');
    },
  },
};

/** A browser in which this person has signed in, with a code where one is asked for. */
export async function signedIn(portal: Portal, person: Person): Promise<Browser> {
  const browser = await halfSignedIn(portal, person);
  if (person.phone) await sendCode(browser, person.phone.nextCode());
  else if (person.key) await sendPasskey(browser, person.key);
  return browser;
}

async function halfSignedIn(portal: Portal, { who, password }: Person): Promise<Browser> {
  const browser = portal.browser();
  await browser.signIn(who, password);
  return browser;
}

export async function enrolled(portal: Portal, person: Person): Promise<void> {
  if (person.password !== PASSWORD) throw new Error('Two-factor authentication is set up with the first password.');
  Object.assign(person, await enrol(portal, person.who));
}

/** Whether a form was there and has done what it is for: a dead page has none. */
async function worked(sent: Promise<Page>): Promise<boolean> {
  return (await sent.catch(() => null))?.status === 303;
}
