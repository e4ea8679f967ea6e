import assert from 'node:assert/strict';
import { invite, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { toMidStep } from '../support/second-factor.js';
import { peerCalled, TAKINGS, undoLink } from '../support/two-person.js';

const NEW = 'harbour-violet-plum-48';
const both = { newPassword: NEW, confirmPassword: NEW };

/** How each link is mailed to whoever it says, and what is sent with it. */
const LINKS: Record<string, (portal: Portal) => Promise<{ path: string; whose: string; fields?: typeof both }>> = {
  'a reset': async (portal) => ({ path: await mailResetLink(portal, 'acme/uma'), whose: 'uma', fields: both }),
  'an invitation': async (portal) => ({ path: await invite(portal, 'acme/iris'), whose: 'iris', fields: both }),
  'a new address': async (portal) => {
    const uma = await portal.signedIn('acme/uma');
    await uma.submit('/profile', '/profile', { email: 'uma.new@acme.example' });
    return { path: await portal.inbox.linkTo('uma.new@acme.example', '/email/confirm/'), whose: 'uma' };
  },
  'a disavowal': async (portal) => {
    const uma = await portal.signedIn('acme/uma');
    await uma.submit('/security', '/security/password', { currentPassword: PASSWORD, ...both });
    return { path: await portal.inbox.linkTo('uma@acme.example', '/disavowal/'), whose: 'uma' };
  },
  'an undoing': async (portal) => {
    toMidStep(portal);
    const peer = await peerCalled(portal, 'petra');
    await Object.values(TAKINGS)[0]?.(await portal.signedIn('acme/olivia'), peer.user);
    return { path: await undoLink(portal, peer.user.email), whose: 'petra' };
  },
};

describe('A mailed link that is taken where somebody else is signed in', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  for (const [kind, mailed] of Object.entries(LINKS))
    it(`says whose it was, and who is signed in there still: ${kind}`, async () => {
      const { path, whose, fields } = await mailed(portal);
      const gary = await portal.signedIn('globex/gary');
      const answer = await gary.submit(path, path, fields ?? {});
      const page = await gary.follow(answer);
      assert.match(page.flash, new RegExp(`account ${whose} of Acme; here you are still signed in as gary`));
      assert.doesNotMatch(page.flash, /you are signed out|\bYour (new|password is)|[Ss]ign in with it/);
      assert.equal((await gary.get('/security')).status, 200);
    });
});
