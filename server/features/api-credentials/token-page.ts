import type { Request, Response } from 'express';
import { typedValues, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { leftOut, readQuery } from '#server/input/read.js';
import type { TenantContext } from '#server/context.js';
import { tokenDetails } from './details.js';
import { trialQuery } from './input.js';
import type { OfOwner } from './list.js';
import { rightsOf, tryCall } from './trial.js';

/** How a token is looked at: by its owner, or of a service account by whoever may. */
interface Look {
  /** Whose it is; null for one's own. */
  account: string | null;
  path: string;
  removal: string;
  back: { label: string; href: string };
  mayRevoke: boolean;
  mayRotate: boolean;
}

const WRONG = 'Enter one IP address, such as 203.0.113.7, and choose a permission of the list.';

/** The page of one token: its settings, what it can do right now, and a call to try. */
export async function showToken(
  req: Request,
  res: Response,
  context: OfOwner & Pick<TenantContext, 'ip'>,
  id: string,
  { mayRotate, ...look }: Look,
  problem?: Problem,
): Promise<void> {
  const token = await tokenDetails(context, id);
  const { ip, permission } = readQuery(trialQuery, req.query);
  const [wrong] = leftOut(trialQuery, req.query);
  show(res, 'api-credentials/token', {
    title: token.name,
    token,
    ...look,
    mayRotate: token.works && mayRotate,
    ...(await rightsOf(context, token.id)),
    trial: ip === undefined ? null : await tryCall(context, token.id, { ip, permission: permission ?? null }),
    tried: { ip: ip ?? context.ip ?? '', permission: permission ?? '' },
    ...(wrong === undefined ? {} : { errors: [{ field: wrong, message: WRONG }], values: typedValues(req.query) }),
    ...problem,
  });
}
