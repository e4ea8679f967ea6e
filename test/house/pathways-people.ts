import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { setPasswordWith } from '../support/disavowal.js';
import { invite, mailResetLink, mailSetupLink } from '../support/links.js';
import { enterPass, PASS, PASS_SETUP, passFor } from '../support/passes.js';
import { ALONE, SECOND, forbidPasswords, sendPasskey, withPasskey } from '../support/passkeys.js';
import { PASSWORD, type Portal } from '../support/portal.js';
import { beginSetup, enrol, halfSignedIn, setPolicy } from '../support/second-factor.js';
import { recoveryDoor } from './pathway-recovery.js';
import {
  NEW_PASSWORD,
  byPassword,
  disavowalPath,
  done,
  isIn,
  lockCodes,
  lockPasswords,
  somebody,
  takeLink,
  userNow,
  type Approach,
  type Door,
} from './pathway-doors.js';

const CODE = '/login/two-factor';
const SETUP = '/login/two-factor/setup';

/** The ways in of people, by the names that the document has for them. */
export const PEOPLE: Readonly<Record<string, Approach>> = {
  'Sign-in page, by password': async (portal, who) => {
    await somebody(portal, who);
    return { knock: () => byPassword(portal, who), forge: () => forgedSignIn(who, portal.browser()) };
  },

  'Session of a browser': async (portal, who) => {
    await somebody(portal, who);
    const browser = await portal.signedIn(who);
    return {
      knock: () => isIn(browser),
      forge: () => done(browser.post('/security/sessions/others/removal', { _csrf: 'x' })),
      spoil: { end: () => portal.clock.move(31 * MINUTE) },
    };
  },

  'Code after the password': async (portal, who) => {
    await somebody(portal, who);
    const { phone } = await enrol(portal, who);
    phone.nextCode();
    const send = await formOf(await halfSignedIn(portal, who), CODE);
    return {
      knock: () => send({ code: phone.nextCode() }),
      forge: () => send({ code: phone.nextCode(), _csrf: 'x' }),
      spoil: {
        'second factor': () => ({ knock: () => send({ code: wrongFor(phone.code()) }) }),
        'lock of codes': () => lockCodes(portal, who),
        end: () => portal.clock.move(6 * MINUTE),
      },
    };
  },

  'Passkey after the password': async (portal, who) => {
    await somebody(portal, who);
    const { key } = await withPasskey(portal, who);
    const browser = await halfSignedIn(portal, who);
    const page = await browser.open(CODE);
    const send = async (answer: string, fields = {}): Promise<boolean> => {
      await browser.post(SECOND, { ...page.form(SECOND), credential: answer, ...fields });
      return isIn(browser);
    };
    return {
      knock: () => send(key.get(page)),
      forge: () => send(key.get(page), { _csrf: 'x' }),
      spoil: {
        'second factor': () => ({ knock: () => send(key.get(page, { forged: true })) }),
        'lock of codes': () => lockPasskeys(portal, who, key),
        end: () => portal.clock.move(6 * MINUTE),
      },
    };
  },

  'Passkey alone': async (portal, who) => {
    await somebody(portal, who);
    const { key } = await withPasskey(portal, who);
    const browser = portal.browser();
    const page = await browser.open('/login');
    const send = async (answer: string, fields = {}): Promise<boolean> => {
      await browser.post(ALONE, { ...page.form(ALONE), credential: answer, ...fields });
      return isIn(browser);
    };
    return {
      knock: () => send(key.get(page)),
      forge: () => send(key.get(page), { _csrf: 'x' }),
      spoil: {
        'second factor': () => ({ knock: () => send(key.get(page, { verified: false })) }),
        'lock of codes': () => lockPasskeys(portal, who, key),
        end: () => portal.clock.move(6 * MINUTE),
      },
    };
  },

  'Set-up after the password': async (portal, who) => {
    await somebody(portal, who);
    const phone = await beginSetup(portal, await portal.signedIn(who));
    phone.nextCode();
    const send = await formOf(await halfSignedIn(portal, who), SETUP);
    return {
      knock: () => send({ code: phone.nextCode() }),
      forge: () => send({ code: phone.nextCode(), _csrf: 'x' }),
      spoil: {
        // The secret is shown to whoever has the password.
        'second factor': () => undefined,
        'lock of codes': () => lockCodes(portal, who, SETUP),
        end: () => portal.clock.move(6 * MINUTE),
      },
    };
  },

  'Remembered browser': async (portal, who) => {
    await somebody(portal, who);
    const { phone } = await enrol(portal, who);
    await setPolicy(portal, 'acme', { rememberBrowserDays: 7 });
    phone.nextCode();
    const browser = await halfSignedIn(portal, who);
    await browser.submit(CODE, CODE, { code: phone.code(), remember: 'on' });
    await browser.submit('/security', '/logout');
    return {
      knock: () => byPassword(portal, who, browser),
      forge: () => forgedSignIn(who, browser),
      spoil: {
        'second factor': () => undefined,
        'lock of passwords': () => lockPasswords(portal, who, browser),
        end: () => portal.clock.move(8 * DAY),
      },
    };
  },

  'Temporary access pass': async (portal, who) => {
    await somebody(portal, who);
    return passDoor(portal, who, await passFor(portal, who));
  },

  'Recovery code without a password': async (portal, who) => {
    await somebody(portal, who);
    const { codes } = await withPasskey(portal, who);
    await forbidPasswords(portal);
    return recoveryDoor(portal, who, codes);
  },

  'Link to set up a second factor': async (portal, who) => {
    await somebody(portal, who);
    const path = await mailSetupLink(portal, who);
    const browser = portal.browser();
    const sent = async (answer: Promise<unknown>): Promise<boolean> => {
      await answer.catch(() => null);
      return (await browser.get(PASS_SETUP)).status === 200;
    };
    return {
      knock: () => sent(browser.submit(path, path, { password: PASSWORD })),
      forge: () => sent(browser.post(path, { password: PASSWORD, _csrf: 'x' })),
      // It is there because there is none.
      spoil: { 'second factor': () => undefined, end: () => portal.clock.move(25 * 60 * MINUTE) },
    };
  },

  Invitation: async (portal, who) => ({
    ...passwordLink(portal, who, await invite(portal, who)),
    // Nobody who is invited has a factor yet.
    spoil: { 'second factor': () => undefined, end: () => portal.clock.move(8 * DAY) },
  }),

  'Link for a new password': async (portal, who) => {
    await somebody(portal, who);
    return {
      ...passwordLink(portal, who, await mailResetLink(portal, who)),
      spoil: {
        async 'second factor'() {
          await enrol(portal, who);
          return passwordLink(portal, who, await mailResetLink(portal, who));
        },
        end: () => portal.clock.move(31 * MINUTE),
      },
    };
  },

  'Link that confirms an address': async (portal, who) => {
    await somebody(portal, who);
    const browser = await portal.signedIn(who);
    const email = `${who.replace('/', '-')}@elsewhere.example`;
    await browser.submit('/profile', '/profile', { email });
    const path = await portal.inbox.linkTo(email, '/email/confirm/');
    const moved = async (sent: Promise<unknown>): Promise<boolean> => {
      await sent;
      return (await userNow(who)).email === email;
    };
    return {
      knock: () => moved(takeLink(portal, path)),
      forge: () => moved(portal.browser().post(path, { _csrf: 'x' })),
      spoil: { end: () => portal.clock.move(25 * 60 * MINUTE) },
    };
  },

  'Link “This wasn’t me”': async (portal, who) => {
    await somebody(portal, who);
    const path = await disavowalPath(portal, who);
    return {
      knock: () => done(takeLink(portal, path)),
      forge: () => done(portal.browser().post(path, { _csrf: 'x' })),
      spoil: { end: () => portal.clock.move(8 * DAY) },
    };
  },
};

/** Ten wrong answers, of which a sign-in takes five. */
async function lockPasskeys(portal: Portal, who: string, key: Authenticator): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) await sendPasskey(await halfSignedIn(portal, who), key, { forged: true });
  await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
}

async function forgedSignIn(who: string, browser: Browser): Promise<boolean> {
  const [organization = '', username = ''] = who.split('/');
  await browser.post('/login', { organization, username, password: PASSWORD, next: '', _csrf: 'x' });
  return isIn(browser);
}

/** The page that takes a pass; in is who gets to the page that it opens, and to no other. */
function passDoor(portal: Portal, who: string, pass: string): Door {
  const [organization = '', username = ''] = who.split('/');
  const browser = portal.browser();
  const sent = async (answer: Promise<unknown>): Promise<boolean> => {
    await answer;
    return (await browser.get(PASS_SETUP)).status === 200;
  };
  return {
    knock: () => sent(enterPass(browser, who, pass)),
    forge: () => sent(browser.post(PASS, { organization, username, pass, _csrf: 'x' })),
    spoil: {
      async 'second factor'() {
        await enrol(portal, who);
        return passDoor(portal, who, await passFor(portal, who));
      },
      async 'lock of codes'() {
        for (let tries = 0; tries < 10; tries += 1) await enterPass(portal.browser(), who, 'aaaa-bbbb-cccc');
        await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
      },
      end: () => portal.clock.move(61 * MINUTE),
    },
  };
}

/** What sends the form of this page, with other fields, and says whether that leads in. */
async function formOf(browser: Browser, path: string): Promise<(fields: Record<string, string>) => Promise<boolean>> {
  const form = (await browser.open(path)).form(path);
  return async (fields) => {
    await browser.post(path, { ...form, ...fields });
    return isIn(browser);
  };
}

/** A link on which one sets a password, and the sign-in that follows it. */
function passwordLink(portal: Portal, who: string, path: string): Door {
  const fields = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
  return {
    async knock() {
      const page = await setPasswordWith(portal, path, NEW_PASSWORD).catch(() => null);
      return page?.status === 303 && byPassword(portal, who, portal.browser(), NEW_PASSWORD);
    },
    forge: () => done(portal.browser().post(path, { ...fields, _csrf: 'x' })),
  };
}

function wrongFor(code: string): string {
  return code === '000000' ? '000001' : '000000';
}
