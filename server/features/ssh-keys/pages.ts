import type { Request, Response } from 'express';
import type { SignedInContext } from '#server/context.js';
import { Invalid, NotFound } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { looksPrivate } from '#server/lib/ssh-public-key.js';
import { dayBegins } from '#server/lib/days.js';
import { addSshKey, listSshKeys, removeSshKey, restoreSshKey } from './actions.js';
import { sshKeyForm } from './input.js';

export async function list(req: Request, res: Response, problem?: Problem): Promise<void> {
  const { user, now } = signedIn(req);
  const keys = (await listSshKeys(user)).map((key) => ({
    ...key.get(),
    expired: key.expiresAt !== null && now >= key.expiresAt,
  }));
  show(res, 'ssh-keys/index', { title: 'SSH keys', keys, ...problem });
}

export async function add(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: sshKeyForm,
    act: ({ expiresOn, ...values }) => addSshKey(context, { ...values, expiresAt: endOf(expiresOn, context) }),
    names: { expiresAt: 'expiresOn' },
    again: (problem) => list(req, res, withoutSecret(problem)),
    done({ name }) {
      setFlash(context.services, res, `The key “${name}” has been added.`);
      res.redirect(303, '/security/ssh-keys');
    },
  });
}

export async function askRemove(req: Request, res: Response): Promise<void> {
  const id = pathId(req);
  const key = (await listSshKeys(signedIn(req).user)).find((one) => one.id === id);
  if (!key) throw new NotFound();
  askFirst(req, res, {
    heading: `Remove “${key.name}”?`,
    text: [
      `${key.type}, ${key.fingerprint}`,
      'Servers that ask here let nobody in with this key any more, from their next question on. Connections that are open stay open.',
    ],
    label: 'Remove the key',
    back: '/security/ssh-keys',
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await removeSshKey(context, pathId(req));
  setFlash(context.services, res, 'The key has been removed.');
  res.redirect(303, '/security/ssh-keys');
}

export async function restore(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await restoreSshKey(context, pathId(req));
  setFlash(context.services, res, 'The key works again.');
  res.redirect(303, '/security/ssh-keys');
}

// A key works to the end of the day it names, where its owner is.
function endOf(day: string, { user }: SignedInContext): number | null {
  if (day === '') return null;
  const end = dayBegins(day, user.timeZone, 1) - 1;
  if (Number.isNaN(end)) throw Invalid.field('expiresOn', 'There is no such day. Enter one in the form 2027-12-31.');
  return end;
}

// A private key that was pasted by mistake does not come back on the page.
function withoutSecret({ errors, values }: Problem): Problem {
  const { publicKey, ...others } = values;
  return { errors, values: typeof publicKey === 'string' && !looksPrivate(publicKey) ? values : others };
}
