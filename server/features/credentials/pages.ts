import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { Invalid } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, readForm, readQuery, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { listCredentials, revokeCredential, revokeCredentials, revokeCredentialsOf } from './actions.js';
import { bareForm, listQuery, selectionForm } from './forms.js';

const PATH = '/admin/credentials';

export async function list(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { cursor, kind, user, ...flags } = readQuery(listQuery, req.query);
  const filters = {
    kind,
    user,
    ...Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, value === 'yes'])),
  };
  const { credentials, next } = await listCredentials(context, { ...filters, cursor });
  const asked = Object.entries({ kind, user, ...flags }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  show(res, 'credentials/index', {
    title: 'API credentials',
    credentials,
    filters: Object.fromEntries(asked),
    filtered: asked.length > 0,
    first: cursor === undefined ? null : `${PATH}?${new URLSearchParams(asked).toString()}`,
    next: next === null ? null : `${PATH}?${new URLSearchParams([...asked, ['cursor', next]]).toString()}`,
    mayRevoke: can(context.actor, 'credentials:revoke'),
    ...problem,
  });
}

export async function revoke(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  readForm(bareForm, req.body);
  await revokeCredential(context, pathId(req));
  setFlash(context.services, res, 'The credential has been revoked. It no longer works, and its owner gets a mail.');
  res.redirect(303, PATH);
}

/** All of one account. */
export async function revokeAllOf(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  readForm(bareForm, req.body);
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

export async function revokeMany(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: selectionForm,
    async act({ ids }) {
      if (ids.length === 0) throw Invalid.field('ids', 'Choose at least one credential.');
      return revokeCredentials(context, ids);
    },
    again: (problem) => list(req, res, problem),
    done({ revoked, refused }) {
      const done = revoked === 1 ? 'One credential has been revoked.' : `${revoked} credentials have been revoked.`;
      const left =
        refused === 0
          ? ''
          : ` ${refused} of people who may do more than you ${refused === 1 ? 'was' : 'were'} left alone.`;
      setFlash(context.services, res, done + left, refused === 0 ? 'success' : 'warning');
      res.redirect(303, PATH);
    },
  });
}
