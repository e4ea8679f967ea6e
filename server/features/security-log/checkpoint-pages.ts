import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import type { UserContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { signedIn } from '#server/http/request.js';
import { readForm } from '#server/input/read.js';
import { writtenOut } from '#server/trace/checkpoint.js';
import { exportCheckpoint, getsCheckpoints, listCheckpoints, mailCheckpoints, makeCheckpoint } from './checkpoints.js';
import { checkpointMails } from './input.js';
import { PATH } from './list-pages.js';

const SHOWN = 5;

/** What the page of the log shows of them; null for who may not have them. */
export async function checkpointsFor(context: UserContext) {
  if (!can(context.actor, 'log:export')) return null;
  const newest = await listCheckpoints(context, SHOWN);
  return {
    newest: newest.map(({ id, count, hash, madeAt, exportedAt }) => ({ id, count, hash, madeAt, exportedAt })),
    mailed: await getsCheckpoints(context),
  };
}

export async function make(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { count } = await makeCheckpoint(context);
  const rows = count === 1 ? 'one row' : `${count.toLocaleString('en-GB')} rows`;
  setFlash(context.services, res, `A checkpoint of ${rows} is made. Download it, and keep it elsewhere.`);
  res.redirect(303, `${PATH}#checkpoints`);
}

export async function downloadCheckpoint(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const checkpoint = await exportCheckpoint(context, pathId(req));
  res.attachment(`security-log-${context.tenant.slug}-${checkpoint.count}.checkpoint.json`);
  res.type('application/json; charset=utf-8').send(`${JSON.stringify(writtenOut(checkpoint), null, 2)}\n`);
}

export async function mailThem(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { wanted } = readForm(checkpointMails, req.body);
  await mailCheckpoints(context, wanted === 'yes');
  const text = wanted === 'yes' ? 'You get each day’s checkpoint by mail.' : 'You get no checkpoints by mail any more.';
  setFlash(context.services, res, text);
  res.redirect(303, `${PATH}#checkpoints`);
}
