import { NEW_PASSKEY, RECOVERY } from '../support/passkeys.js';
import type { Portal } from '../support/portal.js';
import { userNow, type Door } from './pathway-doors.js';

/** The page that takes a recovery code of who has given no password; in is who gets to where a passkey is added. */
export function recoveryDoor(portal: Portal, who: string, [code = '', wrong = '']: readonly string[]): Door {
  const [organization = '', username = ''] = who.split('/');
  const sent = async (recoveryCode: string, fields = {}): Promise<boolean> => {
    const browser = portal.browser();
    const form = (await browser.open(RECOVERY)).form(RECOVERY);
    await browser.post(RECOVERY, { ...form, organization, username, recoveryCode, ...fields });
    return (await browser.get(NEW_PASSKEY)).status === 200;
  };
  return {
    knock: () => sent(code),
    forge: () => sent(code, { _csrf: 'x' }),
    spoil: {
      // "This wasn't me" leaves it as the way back, unless the address is in doubt as well.
      'account not held': async () => (await userNow(who)).update({ resetHeld: true }),
      'second factor': () => ({ knock: () => sent(wrong.replace(/[a-z]/g, 'a')) }),
      async 'lock of codes'() {
        for (let tries = 0; tries < 10; tries += 1) await sent('aaaa-aaaa-aaaa-aaaa');
        await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
      },
      end: () => sent(code),
    },
  };
}
