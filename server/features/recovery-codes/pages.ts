import type { Request, Response } from 'express';
import { RecoveryCode } from '#models/recovery-code.js';
import type { SignedInContext } from '#server/context.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { renewRecoveryCodes } from './actions.js';
import { lastingKinds } from '#server/identity/factor-kind.js';
import { showRecoveryCodes } from '#server/http/codes-page.js';

// Where the codes that are left are told of.
function backOf({ user }: SignedInContext): string {
  return lastingKinds().find(({ name }) => user.factors.includes(name))?.page ?? '/security/two-factor';
}

export async function askRenew(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { user, tenant } = context;
  const back = backOf(context);
  if (user.factors.length === 0) {
    res.redirect(303, back);
    return;
  }
  const left = await RecoveryCode.left(tenant.id, user.id);
  askFirst(req, res, {
    heading: 'Make new recovery codes?',
    text: [
      `Ten new ones are shown, once. The old ones no longer work then: ${howMany(left, 'code')} that you have kept.`,
      'Have a place ready to keep them: a password manager, or a printer.',
    ],
    label: 'Make new codes',
    back,
  });
}

export async function renew(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const codes = await renewRecoveryCodes(context);
  showRecoveryCodes(req, res, {
    owner: context,
    codes,
    leadText: 'The old codes no longer work.',
    onward: { label: 'I have kept them. Go on', href: backOf(context) },
  });
}
