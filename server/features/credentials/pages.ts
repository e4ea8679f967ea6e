import type { Request, Response } from 'express';
import { findUser } from '#server/identity/user.js';
import { can } from '#policies/can.js';
import { Invalid } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import {
  countCredentialsOf,
  previewRevoking,
  revokeCredential,
  revokeCredentials,
  revokeCredentialsOf,
} from './actions.js';
import { countListed } from './count.js';
import { credentialQuery, selectionForm } from './input.js';
import { findCredential, listCredentials } from './list.js';

const PATH = '/admin/credentials';
const KINDS = [
  { value: 'token', label: 'API tokens' },
  { value: 'key', label: 'API keys' },
  { value: 'password', label: 'API passwords' },
  { value: 'ssh-key', label: 'SSH keys' },
];
const CHECKS = {
  unused: 'Not used for 90 days',
  expiring: 'Expires within 14 days',
  overPolicy: 'Longer than the policy allows',
  noEnd: 'Never expires',
  ownerWithoutTwoFactor: 'Owner without two-factor',
  noAddresses: 'Works from everywhere',
} as const;

export async function list(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(credentialQuery, req.query);
  const { cursor, ...filters } = query;
  const { credentials, next } = await listCredentials(context, query);
  const asked = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as [string, string]],
  );
  const chosen = Object.fromEntries(asked);
  show(res, 'credentials/index', {
    title: 'API credentials',
    credentials,
    found: await countListed(context, filters),
    filtered: asked.length > 0,
    filters: {
      action: PATH,
      label: 'API credentials',
      search: { label: 'Name or owner', value: filters.q },
      selects: [{ name: 'kind', label: 'Kind', empty: 'Any kind', value: filters.kind, options: KINDS }],
      checks: Object.entries(CHECKS).map(([name, label]) => ({ name, label, checked: name in chosen })),
      kept: filters.user === undefined ? {} : { user: filters.user },
      chosen: asked.filter(([name]) => name !== 'q').length,
      clear: asked.length > 0 ? PATH : null,
      ignored: leftOut(credentialQuery, req.query).map((name) => (name === 'q' ? 'the search' : name)),
    },
    first: cursor === undefined ? null : `${PATH}?${new URLSearchParams(asked).toString()}`,
    next: next === null ? null : `${PATH}?${new URLSearchParams([...asked, ['cursor', next]]).toString()}`,
    mayRevoke: can(context.actor, 'credentials:revoke'),
    ...problem,
  });
}

/** The one question without an answer of its own: what is to be revoked is chosen in the list. */
export function askWhich(_req: Request, res: Response): void {
  res.redirect(303, PATH);
}

export async function askRevoke(req: Request, res: Response): Promise<void> {
  const { owner, ...one } = await findCredential(signedIn(req), pathId(req));
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
  const user = await findUser(context, pathId(req));
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

export async function revokeMany(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: selectionForm,
    async act({ ids, confirmed }) {
      if (ids.length === 0) throw Invalid.field('ids', 'Choose at least one credential.');
      return confirmed ? revokeCredentials(context, ids) : null;
    },
    again: (problem) => list(req, res, problem),
    async done(done, { ids }) {
      if (done === null) {
        await askRevokeMany(req, res, ids);
        return;
      }
      const { revoked, refused } = done;
      const text = revoked === 1 ? 'One credential has been revoked.' : `${revoked} credentials have been revoked.`;
      const left =
        refused === 0
          ? ''
          : ` ${refused} of people who may do more than you ${refused === 1 ? 'was' : 'were'} left alone.`;
      setFlash(context.services, res, text + left, refused === 0 ? 'success' : 'warning');
      res.redirect(303, PATH);
    },
  });
}

async function askRevokeMany(req: Request, res: Response, ids: readonly string[]): Promise<void> {
  const { found, reached, owners } = await previewRevoking(signedIn(req), ids);
  const left = found - reached;
  askFirst(req, res, {
    heading: reached === 1 ? 'Revoke one credential?' : `Revoke ${reached} credentials?`,
    text: [
      `Calls with ${reached === 1 ? 'it' : 'them'} fail at once, and ${howMany(owners, 'owner')} ${owners === 1 ? 'gets' : 'get'} a mail. It cannot be undone.`,
      ...(left === 0 ? [] : [`${left} of people who may do more than you ${left === 1 ? 'is' : 'are'} left alone.`]),
    ],
    label: 'Revoke',
    back: PATH,
    hidden: { ids, confirmed: '1' },
  });
}
