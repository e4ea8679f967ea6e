import type { Request, Response } from 'express';
import { reachUser } from '#server/identity/user.js';
import { Forbidden } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { BEYOND, countCredentialsOf, REVOKING, revokeCredential, revokeCredentialsOf } from './actions.js';
import { findCredential } from './list.js';

const PATH = '/admin/credentials';

export async function askRevoke(req: Request, res: Response): Promise<void> {
  const { owner, mayRevoke, ...one } = await findCredential(signedIn(req), pathId(req));
  if (!mayRevoke) throw new Forbidden(BEYOND);
  askFirst(req, res, {
    heading: `Revoke this credential of ${owner.name}?`,
    text: [
      `${one.name === '' ? 'It' : `“${one.name}”`}, ${one.firstCharacters}`,
      `${one.kind === 'ssh-key' ? 'Servers that ask here let nobody in with it any more' : 'Calls with it fail at once'}, and ${owner.name} gets a mail. It cannot be undone.`,
    ],
    label: 'Revoke it',
    back: `${PATH}?user=${owner.id}`,
  });
}

export async function askRevokeAllOf(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const user = await reachUser(context, pathId(req), REVOKING);
  const count = await countCredentialsOf(user);
  askFirst(req, res, {
    heading: `Revoke all API credentials of ${user.name}?`,
    text: [
      `${count === 1 ? 'One works' : `${count} work`} now. Calls fail at once, and ${user.name} gets a mail. It cannot be undone.`,
    ],
    label: 'Revoke all',
    back: `/admin/users/${user.id}`,
  });
}

export async function revoke(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await revokeCredential(context, pathId(req));
  setFlash(context.services, res, 'The credential has been revoked. It no longer works, and its owner gets a mail.');
  res.redirect(303, PATH);
}

/** All of one account. */
export async function revokeAllOf(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const count = await revokeCredentialsOf(context, id);
  setFlash(
    context.services,
    res,
    count === 0
      ? 'There was no API credential to revoke.'
      : `${count === 1 ? 'One API credential has' : `${count} API credentials have`} been revoked.`,
  );
  res.redirect(303, `/admin/users/${id}`);
}
