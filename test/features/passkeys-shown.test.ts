import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { Authenticator, optionsOn } from '../support/authenticator.js';
import { NEW_PASSKEY, PASSKEYS, addPasskey, sendPasskey, withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { halfSignedIn, isSignedIn } from '../support/second-factor.js';

const UMA = 'acme/uma';
const BITWARDEN = 'd548826e79b4db40a3d811116f7e8349';
const NOBODYS = 'abad1dea00000000abad1dea00000000';

describe('What a passkey says of itself', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('where it is kept is a name, and no reason to take or to refuse it', async () => {
    const browser = await portal.signedIn(UMA);
    const known = new Authenticator({ aaguid: BITWARDEN, synced: true });
    assert.equal((await addPasskey(browser, known)).status, 200);
    assert.match((await browser.open(PASSKEYS)).text, /Bitwarden/);
    const unknown = new Authenticator({ aaguid: NOBODYS });
    assert.equal((await addPasskey(browser, unknown)).status, 303);
    for (const key of [known, unknown]) {
      const half = await halfSignedIn(portal, UMA);
      assert.equal((await sendPasskey(half, key)).status, 303);
      assert.ok(await isSignedIn(half));
    }
  });

  it('a copy of it may come later, or go: that is noted, and signs in as before', async () => {
    const { key } = await withPasskey(portal, UMA, { synced: true, backedUp: false });
    for (const backedUp of [true, false]) {
      const half = await halfSignedIn(portal, UMA);
      assert.equal((await sendPasskey(half, key, { backedUp })).status, 303);
      assert.equal((await Passkey.findOne({ rejectOnEmpty: true })).backedUp, backedUp);
    }
  });
});

describe('The page that makes a passkey', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('says what the browser needs in itself, and a name that is markup stays a name', async () => {
    const name = `Uma "><img src=x> O'Neill & co`;
    await User.update({ name }, { where: { id: portal.idOf(UMA) } });
    const page = await (await portal.signedIn(UMA)).open(NEW_PASSKEY);
    const { user } = optionsOn(page) as unknown as { user: { displayName: string } };
    assert.equal(user.displayName, name);
    assert.ok(!page.html.includes('<img src=x>'));
  });

  it('is the only door: the API lists passkeys and removes them, and makes none', async () => {
    const [uma, adam] = [await programOf(portal, UMA), await programOf(portal, 'acme/adam')];
    const body = { name: 'Mine', credential: '{}' };
    assert.equal((await uma.post('/me/passkeys', body)).status, 405);
    assert.equal((await adam.post(`/users/${portal.idOf(UMA)}/passkeys`, { ...body, reason: 'A test' })).status, 405);
    assert.equal(await Passkey.count(), 0);
  });
});
