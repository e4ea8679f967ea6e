import type { Request, Response } from 'express';
import { signedIn } from '#server/http/request.js';
import { renewRecoveryCodes } from './actions.js';
import { showRecoveryCodes } from '#server/http/codes-page.js';

export async function renew(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const codes = await renewRecoveryCodes(context);
  showRecoveryCodes(req, res, {
    owner: context,
    codes,
    leadText: 'The old codes no longer work.',
    onward: { label: 'I have kept them. Go on', href: '/security/two-factor' },
  });
}
